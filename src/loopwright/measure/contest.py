"""Interleaved timing: several builds, the same inputs, one process per build and round, alternating order."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Generic, Protocol, TypeVar

from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed, Series
from loopwright.measure.timeable import TimedRunLike
from loopwright.toolchain.compiler import Build


class SideLike(Hashable, Protocol):
    """Who takes part in a contest."""

    @property
    def label(self) -> str:
        """Return compiler and flags, for people."""
        ...


SideT = TypeVar("SideT", bound=SideLike)
RunT = TypeVar("RunT", bound=TimedRunLike)


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
    """What a side has shown so far: one sample per round that it took part in, warm-ups apart."""

    samples_s: list[float] = field(default_factory=list[float])
    warmups_s: list[float] = field(default_factory=list[float])

    def add(self, run: TimedRunLike) -> None:
        """Take in a run."""
        self.samples_s.append(median(run.samples_s))
        self.warmups_s += run.warmups_s

    def series(self, label: str) -> Series:
        """Return the raw times as a value."""
        return Series(label, tuple(self.samples_s), tuple(self.warmups_s))


@dataclass(frozen=True, slots=True)
class Lost(Generic[SideT]):
    """A side that gave no time in a round, and why."""

    side: SideT
    failure: MeasurementFailed


class Contest(Generic[SideT, RunT]):
    """Rounds over sides. Each round has a seed of its own, the same for all its sides.

    The order is reversed from round to round, so that what one side does to the machine (heat, page cache, clock
    frequency) reaches the others as often in front as behind.

    Attributes:
        seed: Of the inputs of the latest round.
    """

    def __init__(self, timer: Callable[[SideT, int], RunT | MeasurementFailed], seed: int) -> None:
        """Make a contest.

        Args:
            timer: Times a side on the inputs of a seed.
            seed: Of all rounds.
        """
        self._timer = timer
        self._of_all = seed
        self._round = 0
        self.seed = round_seed(seed, 0)

    def round(self, sides: Sequence[SideT]) -> Iterator[tuple[SideT, RunT | MeasurementFailed]]:
        """Time each of ``sides`` once; give each run, or why there is none, as soon as it is over."""
        self.seed = round_seed(self._of_all, self._round)
        order = sides if self._round % 2 == 0 else tuple(reversed(sides))
        self._round += 1
        for side in order:
            run = self._timer(side, self.seed)
            yield side, run if isinstance(run, MeasurementFailed) else _checked(side.label, run)

    def play(self, sides: Sequence[SideT], times: dict[SideT, Times]) -> Lost[SideT] | None:
        """Time each of ``sides`` once and add to ``times``; the first failure ends the round, nothing of it is kept."""
        taken: list[tuple[SideT, RunT]] = []
        for side, run in self.round(sides):
            if isinstance(run, MeasurementFailed):
                return Lost(side, run)
            taken.append((side, run))
        for side, run in taken:
            times[side].add(run)
        return None


def round_seed(seed: int, number: int) -> int:
    """Return the seed of a round's inputs: distinct for all rounds of one seed, and far apart for nearby seeds.

    >>> len({round_seed(0, number) for number in range(1000)})
    1000
    """
    return (seed * 1_000_003 + number * 40_503 + 1) & 0x7FFFFFFF


def _checked(label: str, run: RunT) -> RunT | MeasurementFailed:
    if not run.samples_s:
        return MeasurementFailed(Code.CRASHED, f"{label}: ended without a time")
    if all(math.isfinite(sample) and sample > 0.0 for sample in run.samples_s):
        return run
    return MeasurementFailed(Code.IMPOSSIBLE_TIME, f"{label}: a call took {min(run.samples_s):g} s")
