from __future__ import annotations

import random

import pytest

from loopwright.measure.stats import Interval, bootstrap_median, paired_ratios


def test_ratios_are_taken_pair_by_pair() -> None:
    assert paired_ratios((4.0, 6.0, 1.0), (2.0, 6.0, 4.0)) == (2.0, 1.0, 0.25)


@pytest.mark.parametrize(
    ("baseline", "candidate"), [((), ()), ((1.0,), ()), ((1.0, 2.0), (1.0,)), ((0.0,), (1.0,)), ((1.0,), (-1.0,))]
)
def test_what_cannot_be_paired_is_refused(baseline: tuple[float, ...], candidate: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"pair|positive"):
        paired_ratios(baseline, candidate)


def test_the_interval_of_equal_values_is_a_point() -> None:
    assert bootstrap_median((1.5,) * 9, seed=0) == Interval(1.5, 1.5, 1.5)


def test_a_single_value_is_its_own_interval() -> None:
    assert bootstrap_median((2.0,), seed=0) == Interval(2.0, 2.0, 2.0)


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        bootstrap_median((), seed=0)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = [random.Random(3).gauss(1.0, 0.1) for _ in range(20)]
    assert bootstrap_median(values, seed=5) == bootstrap_median(values, seed=5)


def test_the_interval_agrees_with_order_statistics() -> None:
    # For 25 values the exact 95% interval of the median reaches from the 8th to the 18th; the bootstrap's is near.
    values = tuple(float(number) for number in range(1, 26))
    interval = bootstrap_median(values, seed=1)
    assert interval.median == 13.0
    assert 7.0 <= interval.low <= 9.0
    assert 17.0 <= interval.high <= 19.0


def test_more_confidence_gives_a_wider_interval() -> None:
    values = tuple(float(number) for number in range(1, 26))
    wide, narrow = bootstrap_median(values, seed=1, confidence=0.999), bootstrap_median(values, seed=1, confidence=0.5)
    assert wide.low < narrow.low <= narrow.high < wide.high


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = random.Random(11)
    covered = 0
    for trial in range(100):
        values = [generator.lognormvariate(0.0, 0.2) for _ in range(25)]
        interval = bootstrap_median(values, seed=trial)
        covered += interval.low <= 1.0 <= interval.high
    assert 88 <= covered <= 100


def test_one_outlier_does_not_move_the_answer() -> None:
    interval = bootstrap_median((2.0, 2.01, 1.99, 2.0, 2.02, 1.98, 2.0, 0.01, 2.0), seed=0)
    assert interval.median == 2.0
    assert interval.excludes_one


@pytest.mark.parametrize(
    ("low", "high", "excludes"), [(1.01, 2.0, True), (0.5, 0.99, True), (1.0, 2.0, False), (0.9, 1.1, False)]
)
def test_an_interval_that_touches_one_does_not_exclude_it(low: float, high: float, excludes: bool) -> None:
    assert Interval(1.0, low, high).excludes_one is excludes


def test_width_is_the_ratio_of_the_bounds() -> None:
    assert Interval(2.0, 1.0, 3.0).width == 3.0
    assert Interval(0.0, 0.0, 1.0).width == float("inf")
