"""Pairs of instances that meet in one cell."""

from __future__ import annotations

import pytest

from loopwright.core.assumption import MapText, SetText
from loopwright.poly.pairs import Example, Instances, Question, are_equal, find_pair

LOOP = SetText("[n] -> { [t, i] : 0 <= t < 2 and 0 <= i < n }")
KNOWN = SetText("[n] -> { : n >= 0 }")
OTHERS = (MapText("{ [x0, x1] -> [y0, y1] : x0 != y0 and x1 != y1 }"),)


def touch(cell: str) -> Instances:
    return Instances(LOOP, MapText(f"[n] -> {{ [t, i] -> [{cell}] }}"))


def ask(one: str, other: str, **options: object) -> object:
    return find_pair(Question(touch(one), touch(other), OTHERS, KNOWN, **options))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("one", "other"), [("i", "i"), ("2*i", "2*i + 1"), ("i", "n + i")])
def test_different_cells_never_meet(one: str, other: str) -> None:
    assert ask(one, other) is None


def test_pair_is_one_that_meets() -> None:
    found = ask("i + 1", "i")
    assert isinstance(found, Example)
    (_, first), (_, second) = found.first, found.second
    assert first + 1 == second
    assert found.first[0] != found.second[0]
    assert dict(found.parameters)["n"] > second


def test_pairs_with_one_lock_are_left_out() -> None:
    lock = MapText("{ [t, i] -> [floor(i/4)] }")
    assert isinstance(ask("i mod 2", "i mod 2", same=((lock, lock),)), Example)
    everything = MapText("{ [t, i] -> [0] }")
    assert ask("i mod 2", "i mod 2", same=((everything, everything),)) is None
    shorter = MapText("{ [t] -> [t] }")
    assert isinstance(ask("i mod 2", "i mod 2", same=((shorter, shorter),)), Example)


def test_memory_that_may_overlap_meets_anywhere() -> None:
    assert isinstance(ask("2*i", "2*i + 1", anywhere=True), Example)


def test_no_order_means_no_pair() -> None:
    assert find_pair(Question(touch("0"), touch("0"), (), KNOWN)) is None


def test_relations_are_equal_where_the_parameters_allow() -> None:
    one, other = MapText("[n] -> { [i] -> [n] }"), MapText("[n] -> { [i] -> [3] }")
    assert not are_equal(one, other, KNOWN)
    assert are_equal(one, other, SetText("[n] -> { : n = 3 }"))
