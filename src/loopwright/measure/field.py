"""A field: all methods of one kernel on the same inputs, timed side by side, their results compared in every round.

``measure_field`` is the entry. ``contest`` plays the rounds, ``scrutiny`` holds what speaks against an entrant,
``stats`` judges the times. What makes the comparison fair is what makes ``measure`` fair: one process per entrant and
round, fresh inputs in every round and call, the same for all, in alternating order, warm-ups apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

from loopwright.core.campaign import MethodKind, Timing
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.agreement import TimedReference
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.harness.extents import largest_size
from loopwright.harness.harness import Harness
from loopwright.harness.results import RunFailed, TimedRun
from loopwright.harness.tolerance import Tolerance
from loopwright.measure.contest import Contest
from loopwright.measure.scrutiny import Standing
from loopwright.measure.stats import Interval, bootstrap_median, paired_ratios

ROUNDS = 5
ENOUGH_ROUNDS = 3
"""Rounds that every entrant gets, whatever the budget says, unless fewer are asked for."""

HOPELESS = 20.0
"""So many times the fastest serial build's time in the first round, and an entrant rests after enough rounds."""

# A call shorter than this is mostly the clock's own cost and granularity.
_SHORTEST_S = 1e-6

Progress = Callable[[str], None]


def measure_field(
    harness: Harness,
    case: Case,
    entrants: Sequence[Entrant],
    *,
    rounds: int = ROUNDS,
    budget_s: float,
    seed: int,
    clock: Callable[[], float] = time.monotonic,
    progress: Progress | None = None,
    tolerance: Tolerance | None = None,
) -> tuple[Timing, ...]:
    """Return one timing per entrant, in their order, each with its speed-up over the best serial build of the field.

    The best serial build is the SERIAL entrant without objection that has the smallest median over the rounds that all
    of these played. Speed-ups are ratios of times of the same round. Where no serial build is left, none is known.

    In each round every entrant's results are compared with the *reference*, the first SERIAL entrant that played and
    has no objection: sums may be in any order, and the reference runs again for the spread of its own where that is not
    enough. An entrant that crashes, hangs or runs out of memory becomes a failure; the others go on.

    Args:
        harness: That all builds are of.
        case: The inputs; every call has values of its own.
        entrants: Their methods are distinct.
        rounds: At most this many.
        budget_s: Looked at between rounds, from the fourth on. Single processes have the harness's limit.
        seed: Of the inputs and of the bootstrap.
        clock: Where the budget is read.
        progress: Told what runs.
        tolerance: Of the comparison; by default from the sizes of the case and what the kernel's spec says.

    Returns:
        ``kernel`` is the function's name, ``sizes`` are the case's, ``threads`` is the most that an entrant may use.
    """
    if len({entrant.method for entrant in entrants}) != len(entrants):
        raise ValueError("two entrants of one name")
    field = _Field(harness, case, entrants, seed, tolerance or _tolerance(harness, case), progress)
    start = clock()
    for number in range(max(rounds, 1)):
        if number >= ENOUGH_ROUNDS and clock() - start >= budget_s:
            break
        if not field.play(number, rounds):
            break
    return field.conclude()


def _tolerance(harness: Harness, case: Case) -> Tolerance:
    spec = harness.subject.spec
    return Tolerance.for_terms(8 * largest_size(dict(case.sizes)), spec.relative, spec.absolute)


def _silent(message: str) -> None:
    pass


class _Field:
    def __init__(
        self,
        harness: Harness,
        case: Case,
        entrants: Sequence[Entrant],
        seed: int,
        tolerance: Tolerance,
        progress: Progress | None,
    ) -> None:
        self._harness = harness
        self._case = case
        self._entrants = tuple(entrants)
        self._seed = seed
        self._tolerance = tolerance
        self._say = progress or _silent
        self._where = ""
        self._standings = {entrant: Standing(entrant) for entrant in entrants}
        self._contest = Contest[Entrant, TimedRun](self._timed, seed)

    def play(self, number: int, rounds: int) -> bool:
        """Play one round; return False if nobody is left to play it."""
        active = tuple(entrant for entrant in self._entrants if self._plays(entrant, number))
        self._where = f"round {number + 1} of {rounds}"
        runs: dict[Entrant, TimedRun] = {}
        for entrant, run in self._contest.round(active):
            if isinstance(run, MeasurementFailed):
                self._standings[entrant].failure = run
            else:
                self._standings[entrant].add(number, run)
                runs[entrant] = run
        self._compare(runs, self._contest.seed)
        return bool(active)

    def _plays(self, entrant: Entrant, number: int) -> bool:
        standing = self._standings[entrant]
        if standing.failure is not None:
            return False
        return number < ENOUGH_ROUNDS or standing.samples_s[0] < HOPELESS * self._first_serial_s()

    def _first_serial_s(self) -> float:
        firsts = [
            standing.samples_s[0]
            for entrant, standing in self._standings.items()
            if entrant.kind is MethodKind.SERIAL and standing.failure is None
        ]
        return min(firsts, default=float("inf"))

    def _timed(self, entrant: Entrant, seed: int) -> TimedRun | MeasurementFailed:
        self._say(f"timing {entrant.method}, {self._where}")
        run = self._run(entrant, seed, 0.0)
        return MeasurementFailed(run.code, run.reason) if isinstance(run, RunFailed) else run

    def _run(self, entrant: Entrant, seed: int, perturbation: float) -> TimedRun | RunFailed:
        return self._harness.time(
            entrant.build,
            self._case,
            threads=entrant.threads,
            calls=1,
            seed=seed,
            perturbation=perturbation,
            environment=dict(entrant.environment),
            memory_bytes=entrant.memory_bytes,
            sandbox=entrant.sandbox,
        )

    def _compare(self, runs: dict[Entrant, TimedRun], seed: int) -> None:
        """Compare the results of a round with those of its reference."""
        standing = self._standings
        ordered = [entrant for entrant in self._entrants if entrant in runs]
        serial = (entrant for entrant in ordered if entrant.kind is MethodKind.SERIAL)
        reference = next((entrant for entrant in serial if not standing[entrant].objections), None)
        if reference is None:
            return
        sample = runs[reference].sample
        again = partial(self._run, reference, seed)
        judge = TimedReference(sample, again, self._tolerance, self._harness.subject.compared)
        for entrant in ordered:
            got = runs[entrant].sample
            if entrant is reference or standing[entrant].is_wrong:
                found = None
            elif got.damage and not sample.damage:
                found = got.damage[0]
            else:
                found = judge.difference(got)
            standing[entrant].compared(found, is_possible=bool(sample.views))

    def conclude(self) -> tuple[Timing, ...]:
        """Return the timings."""
        for standing in self._standings.values():
            standing.close()
        baseline = self._baseline()
        if baseline is not None:
            for standing in self._standings.values():
                standing.check_floor(self._case.memory_bytes, baseline.samples_s)
        return tuple(self._timing(self._standings[entrant], baseline) for entrant in self._entrants)

    def _baseline(self) -> Standing | None:
        serial = [
            standing
            for entrant, standing in self._standings.items()
            if entrant.kind is MethodKind.SERIAL and standing.failure is None and not standing.objections
        ]
        if not serial:
            return None
        common = [number for number in serial[0].rounds if all(number in standing.rounds for standing in serial)]
        return min(serial, key=lambda standing: median(standing.in_rounds(common)))

    def _timing(self, standing: Standing, baseline: Standing | None) -> Timing:
        entrant, failure = standing.entrant, standing.failure
        function = self._harness.subject.function
        interval: Interval | None = None
        if failure is None and baseline is not None:
            common = set(standing.rounds) & set(baseline.rounds)
            if median(baseline.samples_s) >= _SHORTEST_S:
                ratios = paired_ratios(baseline.in_rounds(common), standing.in_rounds(common))
                interval = bootstrap_median(ratios, seed=self._seed)
            else:
                standing.objections.append("no speed-up: a call of the best serial build is too short to time")
        return Timing(
            kernel=function.name if function is not None else "program",
            method=entrant.method,
            kind=entrant.kind,
            sizes=self._case.sizes,
            threads=max(each.threads for each in self._entrants),
            series=standing.times.series(entrant.label) if failure is None else None,
            median=interval.median if interval else 0.0,
            low=interval.low if interval else 0.0,
            high=interval.high if interval else 0.0,
            baseline=baseline.entrant.method if baseline and interval else "",
            label=entrant.label,
            objections=tuple(standing.objections),
            is_threaded=standing.is_threaded,
            compile_s=entrant.compile_s,
            peak_bytes=standing.peak_bytes,
            failure=failure.code if failure else None,
            reason=failure.reason if failure else "",
        )
