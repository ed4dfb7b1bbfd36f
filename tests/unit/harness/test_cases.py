from __future__ import annotations

from pathlib import Path

import harness_subjects as subjects
from loopwright.core.function import Function
from loopwright.harness.cases import Fill, Flavour, complete_sizes, make_case, size_names, sizes_to_try
from loopwright.harness.extents import find_roles
from loopwright.harness.spec import parse_spec
from loopwright.harness.subject import Subject

HERE = Path("/nowhere/kernel.c")


def subject_of(function: Function, toml: bytes = b"") -> Subject:
    return subjects.subject_for(function, HERE, "", parse_spec(toml))


def tokens(subject: Subject, flavour: Flavour = Flavour.NORMAL, **sizes: int) -> tuple[str, ...]:
    complete = complete_sizes(subject, sizes, 0)
    return make_case(subject, find_roles(subject), 0, complete, flavour, 1).tokens


def test_sizes_hold_the_edges_primes_and_unequal_ones() -> None:
    tried = sizes_to_try(subject_of(subjects.scatter_function()))
    values = {tuple(sizes.values()) for sizes in tried}
    assert {(0, 0), (1, 1), (2, 2), (17, 17)} <= values
    assert {(7, 5), (11, 3)} <= values


def test_sizes_go_around_tiles() -> None:
    tried = sizes_to_try(subject_of(subjects.shift_function()), tiles=(24,))
    assert {23, 24, 25} <= {sizes["n"] for sizes in tried}


def test_the_users_sizes_are_taken_as_they_are() -> None:
    tried = sizes_to_try(subject_of(subjects.shift_function(), b"[sizes]\ntest = [{ n = 5 }, { n = 9 }]"))
    assert [sizes["n"] for sizes in tried] == [5, 9]


def test_values_of_parameters_may_be_said() -> None:
    subject = subject_of(subjects.scatter_function(), b"[parameters.bins]\nvalue = 'n / 2'")
    assert complete_sizes(subject, {"n": 10}, 0)["bins"] == 5


def test_size_names() -> None:
    assert size_names(subject_of(subjects.scatter_function())) == ("n", "bins")


def test_the_same_seed_gives_the_same_case() -> None:
    subject = subject_of(subjects.spmv_function())
    assert tokens(subject, n=9) == tokens(subject, n=9)


def test_fills_follow_the_roles() -> None:
    # n, then per array: elements, fill, low, high
    words = tokens(subject_of(subjects.spmv_function()), n=9)
    fills = {name: int(words[2 + 4 * at]) for at, name in enumerate(("row", "col", "val", "x", "y"))}
    assert fills == {
        "row": Fill.OFFSETS,
        "col": Fill.UNIFORM,
        "val": Fill.UNIFORM,
        "x": Fill.UNIFORM,
        "y": Fill.POISON,
    }
    total, between = float.fromhex(words[4]), int(words[5])
    assert total == between
    assert float.fromhex(words[8]) < int(words[13])  # the largest column is inside x


def test_wild_values_stay_summable() -> None:
    words = tokens(subject_of(subjects.sum_function()), Flavour.WILD, n=9)
    assert int(words[2]) == Fill.WILD
    assert float.fromhex(words[4]) <= 40


def test_an_index_of_a_small_type_is_clipped() -> None:
    from dataclasses import replace

    from loopwright.core.variable import ElementKind, ElementType

    byte = ElementType("unsigned char", ElementKind.UNSIGNED, 1)
    function = subjects.scatter_function()
    parameters = (*function.parameters[:2], subjects.array("index", byte), function.parameters[3])
    words = tokens(subject_of(replace(function, parameters=parameters)), n=1000, bins=1000)
    assert float.fromhex(words[5]) == 255.0


def test_labels_are_for_people() -> None:
    subject = subject_of(subjects.scatter_function())
    case = make_case(subject, find_roles(subject), 3, {"n": 4, "bins": 2}, Flavour.WILD, 1)
    assert case.label == "bins=2, n=4 (wild values)"
