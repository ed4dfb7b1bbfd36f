"""Interleaved timing: several builds, the same inputs, one process per build and round, alternating order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed, Series
from loopwright.measure.timeable import TimedRunLike
from loopwright.toolchain.compiler import Build


@dataclass(frozen=True, slots=True)
class Side:
    """A build that takes part.

    Attributes:
        label: Compiler and flags, for people; unique among the sides of its kind.
        build: The binary.
        threads: It may use.
        is_candidate: It is a build of the candidate, not of the original.
    """

    label: str
    build: Build
    threads: int
    is_candidate: bool = False


@dataclass(slots=True)
class Times:
    """What a side has shown so far: one sample per round, warm-ups apart."""

    samples_s: list[float] = field(default_factory=list[float])
    warmups_s: list[float] = field(default_factory=list[float])

    def series(self, label: str) -> Series:
        """Return the raw times as a value."""
        return Series(label, tuple(self.samples_s), tuple(self.warmups_s))


@dataclass(frozen=True, slots=True)
class Lost:
    """A side that gave no time in a round, and why."""

    side: Side
    failure: MeasurementFailed


class Contest:
    """Rounds over sides. Each round has a seed of its own, the same for all its sides.

    The order is reversed from round to round, so that what one side does to the machine (heat, page cache, clock
    frequency) reaches the others as often in front as behind.
    """

    def __init__(self, timer: Callable[[Side, int], TimedRunLike | MeasurementFailed], seed: int) -> None:
        self._timer = timer
        self._seed = seed
        self._round = 0

    def play(self, sides: Sequence[Side], times: dict[Side, Times]) -> Lost | None:
        """Time each of ``sides`` once and add to ``times``; the first failure ends the round, nothing of it is kept."""
        seed = round_seed(self._seed, self._round)
        order = sides if self._round % 2 == 0 else tuple(reversed(sides))
        self._round += 1
        taken: list[tuple[Side, TimedRunLike]] = []
        for side in order:
            run = self._timer(side, seed)
            if isinstance(run, MeasurementFailed):
                return Lost(side, run)
            failure = _check(side, run)
            if failure is not None:
                return Lost(side, failure)
            taken.append((side, run))
        for side, run in taken:
            times[side].samples_s.append(median(run.samples_s))
            times[side].warmups_s += run.warmups_s
        return None


def round_seed(seed: int, number: int) -> int:
    """Return the seed of a round's inputs: distinct for all rounds of one seed, and far apart for nearby seeds.

    >>> len({round_seed(0, number) for number in range(1000)})
    1000
    """
    return (seed * 1_000_003 + number * 40_503 + 1) & 0x7FFFFFFF


def _check(side: Side, run: TimedRunLike) -> MeasurementFailed | None:
    if not run.samples_s:
        return MeasurementFailed(Code.CRASHED, f"{side.label}: ended without a time")
    if all(math.isfinite(sample) and sample > 0.0 for sample in run.samples_s):
        return None
    return MeasurementFailed(Code.IMPOSSIBLE_TIME, f"{side.label}: a call took {min(run.samples_s):g} s")
