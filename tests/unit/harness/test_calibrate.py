"""The search of sizes to time, on calls whose seconds are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from loopwright.harness.calibrate import confirmed, search_size
from loopwright.harness.cases import Case, Flavour

PER_ELEMENT_S = 1.87e-6 / 32


def case_of(size: int) -> Case:
    return Case(0, (("n", size),), Flavour.POSITIVE, 0, 0, (), 0)


def search(seconds: Callable[[int], float | None], spent: Iterator[float] | None = None) -> int | None:
    shares = spent or iter(lambda: 0.0, 1.0)
    case = search_size(lambda size: (case_of(size), seconds(size)), lambda: next(shares))
    return case.sizes[0][1] if case is not None else None


def linear(size: int) -> float:
    return PER_ELEMENT_S * size


def test_the_search_finds_a_call_of_20_to_100_ms() -> None:
    found = search(linear)
    assert found is not None
    assert 0.020 <= linear(found) <= 0.100


def test_time_that_is_used_up_at_the_first_size_does_not_make_it_the_one_to_time() -> None:
    found = search(linear, iter([2.0] * 30))
    assert found is not None
    assert linear(found) >= 0.001


def test_a_search_that_is_cut_short_at_calls_far_too_short_finds_nothing() -> None:
    assert search(linear, iter([2.0, 4.5])) is None


def test_a_search_that_is_cut_short_at_a_fair_call_takes_it() -> None:
    found = search(lambda size: size * 1e-4, iter([2.0]))
    assert found == 32


def test_sizes_that_change_nothing_are_timed_all_the_same() -> None:
    assert search(lambda _: 1e-7) is not None


def test_no_size_that_runs_is_no_case() -> None:
    assert search(lambda _: None) is None


@pytest.mark.parametrize(
    ("first", "more", "expected"),
    [
        ((1.87e-6,), (), 1.87e-6),
        ((0.025,), (0.030, 1.87e-6, 0.002), 1.87e-6),
        ((0.150,), (0.050,), 0.050),
        ((0.030,), (0.040, 0.050), 0.030),
        ((0.030,), (), 0.030),
        ((), (), None),
    ],
)
def test_a_call_that_seems_long_is_timed_again(
    first: tuple[float, ...], more: tuple[float, ...], expected: float | None
) -> None:
    runs = iter([first, more])
    assert confirmed(lambda _calls: next(runs)) == expected
