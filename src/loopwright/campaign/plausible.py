"""What values read from a store must be like, so that every figure formed of them is a number.

A row is hostile input: whoever can write the file can write what no run measures. The codec has checked its types.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from loopwright.core.campaign import Peaks, Timing, Work

# Far beyond any machine, and far enough from the ends of a double that products of a few are finite.
_MOST = 1e60


def checked_timings(timings: tuple[Timing, ...]) -> tuple[Timing, ...]:
    """Return ``timings``; raises ValueError if one could not have been measured."""
    for timing in timings:
        name = f"{timing.kernel} {timing.method}"
        if timing.series is not None:
            _require(not timing.failure, f"{name} has both times and a failure")
            _require(bool(timing.series.samples_s), f"{name} has no samples")
            _require(min(timing.series.samples_s) > 0.0, f"{name} has a sample of no time")
            _require_numbers(name, (*timing.series.samples_s, *timing.series.warmups_s))
        _require_numbers(name, (timing.median, timing.low, timing.high, timing.compile_s, timing.peak_bytes))
        _require_sizes(name, timing.sizes)
        _require(0 < timing.threads < _MOST, f"{name} is on {timing.threads} threads")
    return timings


def checked_work(work: Work) -> Work:
    """Return ``work``; raises ValueError if it could not have been counted."""
    _require_sizes(work.kernel, work.sizes)
    _require_numbers(work.kernel, (work.flops or 0, work.compulsory_bytes or 0))
    return work


def checked_peaks(peaks: tuple[Peaks, ...]) -> tuple[Peaks, ...]:
    """Return ``peaks``; raises ValueError if one could not have been measured."""
    for peak in peaks:
        rates = (peak.bytes_per_s, peak.double_flop_per_s, peak.single_flop_per_s)
        _require_numbers("a peak", (peak.threads, *rates))
    return peaks


def _require_sizes(name: str, sizes: Iterable[tuple[str, int]]) -> None:
    for size, value in sizes:
        _require(-(2**63) <= value < 2**64, f"{name} has {size} of more than 64 bits")


def _require_numbers(name: str, values: Iterable[float]) -> None:
    for value in values:
        is_number = value <= _MOST if isinstance(value, int) else math.isfinite(value) and value <= _MOST
        _require(is_number and value >= 0, f"{name} has a figure that cannot be: {value!s:.40}")


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)
