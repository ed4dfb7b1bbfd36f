"""What an entrant of a field has shown so far, and what speaks against it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import TimedRun, Usage
from loopwright.measure.contest import Times
from loopwright.measure.roofline import floor_s, trusted_floor_s

WRONG = "wrong results"
SERIAL = "serial under a parallel name"
EXCESS = "more threads than the field has"
# Of the processor time of all timed calls: one of many threads that share the work takes more than this.
_SHARE_OF_OTHERS = 0.02
# With less of it in all timed calls the share says nothing, and it counts whether there are threads.
_ENOUGH_CPU_S = 0.002
# Processor time over wall time, per thread of the field: more of it was worked on other processors at the same time.
# The slack is for what is read after the clock has stopped: threads that wait in a loop are still at it.
_MOST_CPU_SHARE = 1.25


@dataclass(slots=True)
class Standing:
    """An entrant with its times and objections.

    Attributes:
        entrant: Who.
        times: One sample per round, warm-ups apart.
        rounds: Numbers of the rounds of ``times``.
        failure: Why there will be no times.
        objections: Its own, from ``entrant``, and those found in the field.
        usages: Of the timed calls.
        peak_bytes: Largest resident memory of its processes.
        is_compared: Its results were compared with the reference's, or are the reference's.
    """

    entrant: Entrant
    times: Times = field(default_factory=Times)
    rounds: list[int] = field(default_factory=list[int])
    failure: MeasurementFailed | None = None
    objections: list[str] = field(default_factory=list[str])
    usages: list[Usage] = field(default_factory=list[Usage])
    peak_bytes: int = 0
    is_compared: bool = False

    def __post_init__(self) -> None:
        self.objections = list(self.entrant.objections)

    @property
    def samples_s(self) -> tuple[float, ...]:
        """Return the seconds, one per round."""
        return tuple(self.times.samples_s)

    @property
    def is_wrong(self) -> bool:
        """Return True if its results have differed in some round."""
        return any(objection.startswith(WRONG) for objection in self.objections)

    @property
    def is_threaded(self) -> bool | None:
        """Return whether threads worked at run time; what the binary says where that was not to be seen."""
        if _threads_worked(self.usages):
            return True
        return False if self.usages and self.entrant.threads > 1 else self.entrant.is_threaded

    def in_rounds(self, numbers: Collection[int]) -> tuple[float, ...]:
        """Return the seconds of these rounds, in order."""
        pairs = zip(self.rounds, self.samples_s, strict=True)
        return tuple(sample for number, sample in pairs if number in numbers)

    def add(self, number: int, run: TimedRun) -> None:
        """Take in the run of a round."""
        self.times.add(run)
        self.rounds.append(number)
        self.usages += run.sample.usages[len(run.warmups_s) :]
        self.peak_bytes = max(self.peak_bytes, run.peak_bytes)

    def compared(self, found: str | None, *, is_possible: bool) -> None:
        """Note what a comparison of results has found; ``is_possible`` is False where a call leaves nothing behind."""
        self.is_compared |= is_possible
        if found is not None:
            self.objections.append(f"{WRONG}: {found}")

    def close(self) -> None:
        """Add the objections that follow from all rounds together."""
        if self.failure is not None:
            return
        if not self.is_compared:
            self.objections.append("not compared: no serial build gave results to compare with")
        is_known = any(objection.startswith(SERIAL) for objection in self.objections)
        if self.entrant.claims_threads and self.entrant.threads > 1 and self.usages and not self.is_threaded:
            tasks = max(usage.tasks for usage in self.usages)
            seen = "one thread" if tasks <= 1 else f"one of {tasks} threads did all the work"
            self.objections += [] if is_known else [f"{SERIAL}: {seen}"]
        cpu_s, wall_s = sum(usage.cpu_s for usage in self.usages), sum(self.samples_s)
        is_paired = len(self.usages) == len(self.samples_s)
        if is_paired and cpu_s > _MOST_CPU_SHARE * self.entrant.threads * wall_s and cpu_s > _ENOUGH_CPU_S:
            used = f"{cpu_s / wall_s:.1f} processors on average, and may use {self.entrant.threads}"
            self.objections.append(f"{EXCESS}: it kept busy {used}")

    def check_floor(self, memory_bytes: int, baseline_s: tuple[float, ...]) -> None:
        """Object to a time in which a call cannot even touch its data."""
        if self.failure is not None:
            return
        floor = trusted_floor_s(floor_s(memory_bytes, 0, 1), floor_s(memory_bytes, 0, self.entrant.threads), baseline_s)
        fastest_s = min(self.samples_s)
        if fastest_s < floor:
            self.objections.append(f"impossible time: {fastest_s:.3g} s; its data alone need more than {floor:.3g} s")


def _threads_worked(usages: Collection[Usage]) -> bool:
    cpu_s, other_s = sum(usage.cpu_s for usage in usages), sum(usage.other_s for usage in usages)
    if cpu_s < _ENOUGH_CPU_S and any(usage.tasks > 1 for usage in usages):
        return True
    return other_s >= _SHARE_OF_OTHERS * cpu_s > 0.0
