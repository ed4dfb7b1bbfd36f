from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.core.function import Function
from loopwright.harness.extents import (
    Extent,
    estimate_work,
    find_extents,
    find_roles,
    fits,
    index_limit,
)
from loopwright.harness.spec import parse_spec
from loopwright.harness.subject import Subject

HERE = Path("/nowhere/kernel.c")


def subject_of(function: Function, toml: bytes = b"") -> Subject:
    return subjects.subject_for(function, HERE, "", parse_spec(toml))


def extents(subject: Subject, level: int = 0, **sizes: int) -> dict[str, Extent]:
    return find_extents(subject, find_roles(subject), sizes, level)


def test_exact_accesses_give_exact_extents() -> None:
    found = extents(subject_of(subjects.shift_function()), n=8)
    assert found == {"a": Extent(8), "b": Extent(8)}


@pytest.mark.parametrize("size", [0, 1])
def test_an_empty_loop_needs_no_memory(size: int) -> None:
    assert extents(subject_of(subjects.shift_function()), n=size)["a"] == Extent(0)


def test_offsets_and_what_lies_between_them() -> None:
    subject = subject_of(subjects.spmv_function())
    roles = find_roles(subject)
    assert roles.offsets == {"row"}
    assert roles.between_offsets == {"col", "val"}
    assert dict(roles.indexes).keys() == {"col"}
    assert roles.written_first == {"y"}
    found = extents(subject, n=10)
    assert found["row"].count >= 11
    assert found["y"] == Extent(10)
    assert found["col"].count == found["val"].count
    assert found["col"].is_guess


def test_index_values_stay_inside_what_they_subscript() -> None:
    subject = subject_of(subjects.scatter_function())
    roles = find_roles(subject)
    found = extents(subject, n=20, bins=5)
    (targets,) = dict(roles.indexes).values()
    # bins gives h its exact part; the inexact update makes it a guess that is no smaller.
    assert index_limit(subject, targets, found, {"n": 20, "bins": 5}) == found["h"].count


def test_guesses_grow_with_the_level() -> None:
    subject = subject_of(subjects.spmv_function())
    counts = [extents(subject, level, n=10)["val"].count for level in range(3)]
    assert counts == sorted(set(counts))


def test_the_users_word_wins() -> None:
    subject = subject_of(subjects.spmv_function(), b"[arrays.val]\nextent = '3 * n'")
    assert extents(subject, n=10)["val"] == Extent(30)


def test_strides_count() -> None:
    matrix = replace(subjects.pointer("a", rank=2), strides=("ld", "1"))
    body = subjects.statement(
        "S0",
        ("i", "j"),
        "[n] -> { S0[i, j] : 0 <= i < n and 0 <= j < n }",
        subjects.write("a", "{ S0[i, j] -> a[i, j] }"),
    )
    loops = (subjects.loop("i"), subjects.loop("j", parent="i", depth=1))
    function = Function(
        "f",
        subjects.NOWHERE,
        "void",
        None,
        (subjects.size("n"), subjects.size("ld"), subjects.array("a")),
        nests=(subjects.nest(loops, (body,), (matrix,), "n", "ld"),),
    )
    assert extents(subject_of(function), n=4, ld=10)["a"] == Extent(3 * 10 + 3 + 1)


def test_rows_of_a_fixed_length() -> None:
    matrix = replace(subjects.pointer("a", rank=2), extents=("", "64"))
    body = subjects.statement(
        "S0", ("i",), "[n] -> { S0[i] : 0 <= i < n }", subjects.write("a", "{ S0[i] -> a[i, 3] }")
    )
    function = Function(
        "f",
        subjects.NOWHERE,
        "void",
        None,
        (subjects.size("n"), subjects.array("a")),
        nests=(subjects.nest((subjects.loop("i"),), (body,), (matrix,), "n"),),
    )
    assert extents(subject_of(function), n=5)["a"] == Extent(5 * 64)


def test_sizes_must_fit_arrays_of_fixed_length() -> None:
    local = replace(subjects.pointer("a"), extents=("100",))
    body = subjects.statement("S0", ("i",), "[n] -> { S0[i] : 0 <= i < n }", subjects.write("a", "{ S0[i] -> a[i] }"))
    function = Function(
        "f",
        subjects.NOWHERE,
        "void",
        None,
        (subjects.size("n"),),
        nests=(subjects.nest((subjects.loop("i"),), (body,), (local,), "n"),),
    )
    subject = subject_of(function)
    assert fits(subject, {"n": 100})
    assert not fits(subject, {"n": 101})


def test_a_second_pointer_makes_the_extent_a_guess() -> None:
    function = subjects.shift_function()
    function = replace(function, pointer_aliases=(("a", "b"),))
    found = extents(subject_of(function), n=8)
    assert found["a"].is_guess
    assert found["a"].count >= 8


def test_work_is_the_number_of_instances() -> None:
    assert estimate_work(subject_of(subjects.shift_function()), {"n": 101}) == 100
