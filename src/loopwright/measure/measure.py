"""Candidate -> Measurement: is it faster than the best serial build of the original, and how sure is that.

Map: ``measure`` builds both sides with every compiler, screens the builds in two rounds, then times the
best candidate and the serial builds side by side, until the answer is clear, all pairs are taken or the budget is
spent. ``contest`` plays the rounds, ``stats`` judges them, ``roofline`` knows what is impossible.

What makes the comparison fair:

- The baseline is the *fastest* serial build of the original, of gcc and clang. All of them run on to the end, and the
  fastest at the end counts, so noise in the screening cannot pick a weak one. One leaves only where its best time of
  two rounds is far above another's worst; if its times are below the baseline's at the end after all, nothing is said.
- The candidate gets the same: it is built with every compiler that has OpenMP, and its fastest build counts. The
  label says which it was.
- Times that chose a build are not used to judge it.
- One process per sample, so that samples are independent: memory layout and page placement differ from one to the
  next. A second call in the same process would cost as much (inputs are made anew for each) and say less.
- Fresh inputs in every round, the same for all sides of it; order AB, BA, AB, ...; each process warms up first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.measurement import Measurement, MeasurementFailed
from loopwright.measure.contest import Contest, Lost, Side, Times
from loopwright.measure.roofline import floor_s, trusted_floor_s
from loopwright.measure.stats import Interval, bootstrap_median, paired_ratios
from loopwright.measure.timeable import CaseT, Timeable, TimedRunLike
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler, find_compilers, has_openmp
from loopwright.toolchain.host import cores

SERIAL_FLAGS = ("-O3", "-march=native")
PARALLEL_FLAGS = (*SERIAL_FLAGS, "-fopenmp")
PAIRS = 25
BUDGET_S = 10.0
# Fewer pairs cannot carry a 95% interval (1 - 2 * (1/2)^6 = 0.97); one more for the early stop.
ENOUGH_PAIRS = 7
PATIENCE = 2.5

_SCREENING_ROUNDS = 2
# A candidate's build this much slower than the best in the first round takes no part in the second; a serial build
# takes none in what follows the second round if its best time is this much above another's worst.
_HOPELESS = 1.5
# Looking at the data after every pair makes false alarms likelier, so stopping early needs more than 95%, and a gain
# or loss that is not small.
_EARLY_CONFIDENCE = 0.999
_EARLY_GAIN = 1.05
_NOISY_WIDTH = 1.5
# A call shorter than this is mostly the clock's own cost and granularity.
_SHORTEST_S = 1e-6


def measure(
    harness: Timeable[CaseT],
    original: bytes,
    candidate: bytes,
    settings: Settings,
    *,
    pairs: int = PAIRS,
    budget_s: float = BUDGET_S,
    clock: Callable[[], float] = time.monotonic,
    compilers: Sequence[Compiler] | None = None,
) -> Measurement | MeasurementFailed:
    """Return the speed-up of ``candidate`` over the best serial build of ``original``, with its 95% interval.

    "Not faster" is a ``Measurement`` whose ``is_faster`` is False.

    Args:
        harness: Builds and times.
        original: The user's file.
        candidate: The changed file.
        settings: ``threads`` (0 for all cores) and ``seed`` count.
        pairs: At most this many. Fewer than ``ENOUGH_PAIRS`` make a screening, good enough to rank candidates: the same
            rounds choose the builds and compare them, and the interval claims more than so few pairs can carry.
        budget_s: For the search of inputs, and again for all rounds, between which it is looked at. The pairs that any
            answer needs may overrun it, up to ``PATIENCE`` times. Builds and single processes have their own limits.
        clock: Where the budget is read.
        compilers: To build with; those of ``find_compilers`` if None.
    """
    found = find_compilers(settings) if compilers is None else tuple(compilers)
    sides = _build_sides(harness, original, candidate, found, settings.threads or cores())
    if isinstance(sides, MeasurementFailed):
        return sides
    case = harness.timing_case(budget_s)
    if case is None:
        return MeasurementFailed(Code.NO_HARNESS, "no inputs on which the original can be timed")
    start = clock()

    def timer(side: Side, seed: int) -> TimedRunLike | MeasurementFailed:
        run = harness.time(side.build, case, threads=side.threads, calls=1, seed=seed)
        if isinstance(run, TimedRunLike):
            return run
        who = "the candidate" if side.is_candidate else "the original"
        return MeasurementFailed(run.code, f"{who} ({side.label}): {run.reason}")

    def is_spent(factor: float = 1.0) -> bool:
        return clock() - start >= budget_s * factor

    is_screening = pairs < ENOUGH_PAIRS
    contest = Contest(timer, settings.seed)
    screened = {side: Times() for side in sides}
    hopeful = _screen(contest, screened, pairs if is_screening else _SCREENING_ROUNDS, is_spent)
    if isinstance(hopeful, MeasurementFailed):
        return hopeful
    finalists = _finalists(screened, hopeful)
    if is_screening:
        times = {side: screened[side] for side in finalists}
    else:
        times = {side: Times() for side in finalists}
        failure = _play_pairs(contest, times, pairs, settings.seed, is_spent)
        if failure is not None:
            return failure
    floor = _floor(times, case.memory_bytes)
    return _conclude(times, screened, case.sizes, floor, settings.seed, is_screening=is_screening)


def _build_sides(
    harness: Timeable[CaseT], original: bytes, candidate: bytes, compilers: Sequence[Compiler], threads: int
) -> tuple[Side, ...] | MeasurementFailed:
    if not compilers:
        return MeasurementFailed(Code.COMPILER_MISSING, "no compiler to build with")
    parallel = tuple(compiler for compiler in compilers if has_openmp(compiler))
    if not parallel:
        return MeasurementFailed(Code.BUILD_FAILED, "no compiler here has OpenMP")
    sides: list[Side] = []
    with ThreadPoolExecutor(max_workers=cores()) as pool:
        serial = [pool.submit(harness.build, original, compiler, SERIAL_FLAGS) for compiler in compilers]
        threaded = [pool.submit(harness.build, candidate, compiler, PARALLEL_FLAGS) for compiler in parallel]
        for is_candidate, users, builds in ((False, compilers, serial), (True, parallel, threaded)):
            made = [(compiler, future.result()) for compiler, future in zip(users, builds, strict=True)]
            good = [(compiler, build) for compiler, build in made if isinstance(build, Build)]
            if not good:
                who = "the candidate" if is_candidate else "the original"
                outputs = (
                    f"{compiler.label}: {build.output}" for compiler, build in made if isinstance(build, BuildFailed)
                )
                return MeasurementFailed(Code.BUILD_FAILED, f"{who} does not build: {'; '.join(outputs)}"[:2000])
            for compiler, build in good:
                label = " ".join((compiler.facts.family, *(PARALLEL_FLAGS if is_candidate else SERIAL_FLAGS)))
                sides.append(Side(label, build, threads if is_candidate else 1, is_candidate))
    return tuple(sides)


def _screen(
    contest: Contest[Side, TimedRunLike], times: dict[Side, Times], rounds: int, is_spent: Callable[[], bool]
) -> tuple[Side, ...] | MeasurementFailed:
    """Play ``rounds`` rounds, at least one, and return the sides that were in all of them."""
    hopeful = tuple(times)
    number = 0
    while number < rounds and not (number and is_spent()):
        lost = contest.play(hopeful, times)
        if lost is None:
            number += 1
            serial = tuple(side for side in hopeful if not side.is_candidate)
            hopeful = (*_contenders(times, serial), *_ranked(times, _HOPELESS, hopeful))
            continue
        # A second baseline that is too slow for the time limit is just not the fastest.
        others = tuple(side for side in hopeful if side is not lost.side)
        is_replaceable = not lost.side.is_candidate and any(not side.is_candidate for side in others)
        if not is_replaceable or lost.failure.code is not Code.TIMED_OUT:
            return _failure_of(lost)
        hopeful = others
    return hopeful


def _failure_of(lost: Lost[Side]) -> MeasurementFailed:
    """Return the answer: whatever happens to the original, the candidate is not to blame for it."""
    return lost.failure if lost.side.is_candidate else MeasurementFailed(Code.ORIGINAL_FAILS, lost.failure.reason)


def _contenders(times: dict[Side, Times], serial: tuple[Side, ...]) -> tuple[Side, ...]:
    """Return the serial builds that may be the fastest: a load that comes and goes must not hide the time to beat."""
    most_s = _HOPELESS * min(max(times[side].samples_s) for side in serial)
    return tuple(
        side
        for side in serial
        if len(times[side].samples_s) < _SCREENING_ROUNDS or min(times[side].samples_s) <= most_s
    )


def _ranked(times: dict[Side, Times], factor: float, among: Sequence[Side]) -> tuple[Side, ...]:
    """Return the candidate's builds whose best time is at most ``factor`` of the best of them, fastest first."""
    ranked = sorted(
        (min(times[side].samples_s), number, side) for number, side in enumerate(among) if side.is_candidate
    )
    return tuple(side for taken_s, _, side in ranked if taken_s <= factor * ranked[0][0])


def _finalists(screened: dict[Side, Times], hopeful: tuple[Side, ...]) -> tuple[Side, ...]:
    return (*(side for side in hopeful if not side.is_candidate), _ranked(screened, 1.0, hopeful)[0])


def _play_pairs(
    contest: Contest[Side, TimedRunLike],
    times: dict[Side, Times],
    pairs: int,
    seed: int,
    is_spent: Callable[[float], bool],
) -> MeasurementFailed | None:
    for number in range(pairs):
        if number < ENOUGH_PAIRS:
            if is_spent(PATIENCE):
                reason = f"the time budget was spent after {number} of at least {ENOUGH_PAIRS} pairs"
                return MeasurementFailed(Code.BUDGET_SPENT, reason)
        elif is_spent(1.0) or _is_clear(_interval(times, seed, _EARLY_CONFIDENCE)):
            return None
        lost = contest.play(tuple(times), times)
        if lost is not None:
            return _failure_of(lost)
    return None


def _is_clear(interval: Interval) -> bool:
    return interval.low > _EARLY_GAIN or interval.high < 1.0 / _EARLY_GAIN


def _baseline(times: dict[Side, Times]) -> Side:
    return min((side for side in times if not side.is_candidate), key=lambda side: median(times[side].samples_s))


def _candidate(times: dict[Side, Times]) -> Side:
    return next(side for side in times if side.is_candidate)


def _ratios(times: dict[Side, Times]) -> tuple[float, ...]:
    return paired_ratios(times[_baseline(times)].samples_s, times[_candidate(times)].samples_s)


def _interval(times: dict[Side, Times], seed: int, confidence: float) -> Interval:
    return bootstrap_median(_ratios(times), seed=seed, confidence=confidence)


def _floor(times: dict[Side, Times], memory_bytes: int) -> float:
    of_original = floor_s(memory_bytes, 0, 1)
    of_candidate = floor_s(memory_bytes, 0, _candidate(times).threads)
    return trusted_floor_s(of_original, of_candidate, tuple(times[_baseline(times)].samples_s))


def _conclude(
    times: dict[Side, Times],
    screened: dict[Side, Times],
    sizes: tuple[tuple[str, int], ...],
    floor: float,
    seed: int,
    *,
    is_screening: bool,
) -> Measurement | MeasurementFailed:
    baseline, candidate = _baseline(times), _candidate(times)
    if median(times[baseline].samples_s) < _SHORTEST_S:
        return MeasurementFailed(Code.TOO_SHORT, "a call of the original is too short to time")
    fastest_s = min(times[candidate].samples_s)
    if fastest_s < floor:
        reason = f"a call took {fastest_s:.3g} s; its data alone need more than {floor:.3g} s"
        return MeasurementFailed(Code.IMPOSSIBLE_TIME, reason)
    ratios = _ratios(times)
    interval = bootstrap_median(ratios, seed=seed)
    if not is_screening and not interval.excludes_one and interval.width > _NOISY_WIDTH:
        reason = f"the speed-up lies anywhere from {interval.low:.2f} to {interval.high:.2f}"
        return MeasurementFailed(Code.TOO_NOISY, reason)
    # Builds that were dropped are shown with what the screening took of them.
    taken = {**screened, **times}
    shown = {side: median(taken[side].samples_s) for side in taken if not side.is_candidate and taken[side].samples_s}
    ranked = sorted(shown, key=lambda side: (shown[side], side is not baseline))
    doubt = _doubt(interval, shown, ranked[0], baseline, median(times[candidate].samples_s))
    if doubt and not is_screening:
        return MeasurementFailed(Code.TOO_NOISY, doubt)
    return Measurement(
        median=interval.median,
        low=interval.low,
        high=interval.high,
        threads=candidate.threads,
        baseline=baseline.label,
        candidate=times[candidate].series(candidate.label),
        baselines=tuple(taken[side].series(side.label) for side in ranked),
        sizes=sizes,
        floor_s=floor,
        seed=seed,
        ratios=ratios,
    )


def _doubt(interval: Interval, shown: dict[Side, float], fastest: Side, baseline: Side, candidate_s: float) -> str:
    """Return how the times that a report shows contradict the speed-up; empty if they do not."""
    if fastest is not baseline:
        return f"{fastest.label} was timed too few times to tell whether it is faster than {baseline.label}"
    if interval.low > 1.0 and candidate_s >= shown[baseline]:
        return "the pairs show a gain and the medians of the times do not"
    return ""
