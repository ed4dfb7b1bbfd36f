"""What the clock said, with everything needed to judge and to replay it."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.codes import Code

FEWEST_PAIRS = 6
"""Of fewer values the smallest and the largest enclose the median with less than 95%: 1 - 2 * (1/2)^6 is 0.97."""

Bounds = tuple[float, float]
"""Lower and upper end of a 95% interval."""


@dataclass(frozen=True, slots=True)
class CompilerFacts:
    """A compiler: family ("gcc", "clang"), path, first line of ``--version``, major version."""

    family: str
    path: str
    version: str
    major: int


@dataclass(frozen=True, slots=True)
class Environment:
    """The machine of a measurement.

    Attributes:
        cpu: Model name.
        cores: Processors that this process may run on.
        l1d_bytes, l2_bytes, l3_bytes: Data cache sizes; 0 if unknown.
        memory_bytes: Physical memory.
        system: Kernel and distribution.
        compilers: Those found, gcc first.
        missing: What is not installed, each with the command that installs it.
    """

    cpu: str
    cores: int
    l1d_bytes: int
    l2_bytes: int
    l3_bytes: int
    memory_bytes: int
    system: str
    compilers: tuple[CompilerFacts, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """Raw seconds of one build, in the order they were taken; warm-ups apart."""

    label: str
    samples_s: tuple[float, ...]
    warmups_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """Return the median of the samples."""
        ordered = sorted(self.samples_s)
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


@dataclass(frozen=True, slots=True)
class Measurement:
    """A paired comparison of one candidate with the best serial build.

    Attributes:
        median, low, high: Speed-up (baseline time over candidate time): median of the paired ratios and the 95%
            bootstrap interval of it, which is none where ``interval`` is None.
        threads: Threads of the candidate.
        baseline: Label of the fastest serial build ("gcc -O3 -march=native").
        candidate: Series of the candidate.
        baselines: Series of every serial build tried, the fastest first.
        sizes: Values of the size parameters that were timed.
        floor_s: Time below which the result would be impossible; 0 if unknown.
        seed: Of the inputs and of the bootstrap.
        ratios: The paired ratios, in the order in which the pairs were taken.
    """

    median: float
    low: float
    high: float
    threads: int
    baseline: str
    candidate: Series
    baselines: tuple[Series, ...]
    sizes: tuple[tuple[str, int], ...] = ()
    floor_s: float = 0.0
    seed: int = 0
    ratios: tuple[float, ...] = ()

    @property
    def is_faster(self) -> bool:
        """Return True if the interval lies wholly above 1; of too few pairs for one, if every pair does."""
        return self.low > 1.0

    @property
    def interval(self) -> Bounds | None:
        """Return the 95% interval; None if there are too few pairs for one, whatever the bootstrap says."""
        pairs = len(self.ratios or self.candidate.samples_s)
        return (self.low, self.high) if pairs >= FEWEST_PAIRS else None

    @property
    def is_slower(self) -> bool:
        """Return True if there is an interval, and it lies wholly below 1."""
        return self.interval is not None and self.high < 1.0


@dataclass(frozen=True, slots=True)
class MeasurementFailed:
    """No time could be taken, and why."""

    code: Code
    reason: str
