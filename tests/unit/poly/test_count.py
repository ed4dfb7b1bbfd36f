from __future__ import annotations

import harness_subjects as subjects
from loopwright.poly.count import Range, index_bounds, instance_bound

STENCIL = subjects.statement(
    "S0",
    ("i", "j"),
    "[n, m] -> { S0[i, j] : 1 <= i < n and 0 <= j <= i and j < m }",
    subjects.read("a", "{ S0[i, j] -> a[i - 1, 2 * j] }"),
    subjects.write("a", "{ S0[i, j] -> a[i, j] }"),
    subjects.read("s", "{ S0[i, j] -> s[] }"),
    subjects.read("x", "{ S0[i, j] -> x[k] }", exact=False),
    subjects.read("y", "[m] -> { S0[i, j] -> y[k] : 0 <= k < m }", exact=False),
)
VALUES = {"n": 5, "m": 3}


def test_all_accesses_to_a_variable_are_joined() -> None:
    assert index_bounds([STENCIL], "a", VALUES) == (Range(0, 4), Range(0, 4))


def test_a_scalar_has_no_subscript() -> None:
    assert index_bounds([STENCIL], "s", VALUES) == ()


def test_nothing_touched_is_none() -> None:
    assert index_bounds([STENCIL], "a", {"n": 1, "m": 3}) is None
    assert index_bounds([STENCIL], "other", VALUES) is None


def test_what_has_no_bound_says_so() -> None:
    assert index_bounds([STENCIL], "x", VALUES) == (Range(None, None),)
    assert index_bounds([STENCIL], "a", {"m": 3}) == (Range(0, None), Range(0, 4))


def test_exact_accesses_alone() -> None:
    assert index_bounds([STENCIL], "y", VALUES) == (Range(0, 2),)
    assert index_bounds([STENCIL], "y", VALUES, exact_only=True) is None


def test_text_that_isl_cannot_read_has_no_bound() -> None:
    broken = subjects.statement("S0", (), "{ S0[] }", subjects.read("a", "{ S0[] -> a["))
    assert index_bounds([broken], "a", {}) == (Range(None, None),)


def test_instances_are_bounded_by_their_box() -> None:
    assert instance_bound(STENCIL, VALUES) == 4 * 3
    assert instance_bound(STENCIL, {"n": 0, "m": 0}) == 0
    assert instance_bound(STENCIL, {"m": 3}) is None
