"""Pure statistics of paired times: ratios, their median, a bootstrap interval, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

CONFIDENCE = 0.95
_RESAMPLES = 4000


@dataclass(frozen=True, slots=True)
class Interval:
    """A median with the bounds of its confidence interval."""

    median: float
    low: float
    high: float

    @property
    def excludes_one(self) -> bool:
        """Return True if the interval lies wholly on one side of 1."""
        return self.low > 1.0 or self.high < 1.0

    @property
    def width(self) -> float:
        """Return the ratio of the bounds: 1.0 for a point."""
        return self.high / self.low if self.low > 0.0 else float("inf")


def paired_ratios(baseline_s: Sequence[float], candidate_s: Sequence[float]) -> tuple[float, ...]:
    """Return baseline over candidate, pair by pair: the speed-ups.

    >>> paired_ratios([4.0, 6.0], [2.0, 6.0])
    (2.0, 1.0)

    Raises:
        ValueError: The lengths differ, there is no pair, or a time is not positive.
    """
    if not baseline_s or len(baseline_s) != len(candidate_s):
        raise ValueError(f"cannot pair {len(baseline_s)} with {len(candidate_s)} samples")
    if min(*baseline_s, *candidate_s) <= 0.0:
        raise ValueError("a time is not positive")
    return tuple(first / second for first, second in zip(baseline_s, candidate_s, strict=True))


def bootstrap_median(values: Sequence[float], *, seed: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the median and its percentile bootstrap interval.

    With n values the interval cannot be trusted beyond 1 - 2 * (1/2)^n, the chance that the smallest and the largest
    enclose the median: fewer than 6 values do not support 95%.

    Args:
        values: Independent ones, at least one.
        seed: The same seed gives the same interval.
        confidence: Of the interval, between 0 and 1.
    """
    if not values:
        raise ValueError("no values")
    generator = np.random.default_rng(seed)
    sample = np.asarray(values, dtype=np.float64)
    chosen = generator.integers(0, len(sample), size=(_RESAMPLES, len(sample)))
    medians = np.median(sample[chosen], axis=1)
    tail = 100.0 * (1.0 - confidence) / 2.0
    low, high = np.percentile(medians, [tail, 100.0 - tail])
    return Interval(float(median(values)), float(low), float(high))
