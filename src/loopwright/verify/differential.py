"""Stage DIFFERENTIAL: the candidate leaves the same memory and output behind as the original, on every case and with
1, 2, 3 and twice as many threads as there are cores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.harness.agreement import PERTURBATIONS, TimedReference
from loopwright.harness.cases import Case
from loopwright.harness.overlap import extreme_cases, overlapping_cases
from loopwright.harness.results import Observation, Run, RunFailed, TimedRun
from loopwright.harness.tolerance import difference, text_difference
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler
from loopwright.verify.ladder import DELIVERED, SERIAL, Climb, Reference, failed, passed

# A program that runs longer is compared once per compiler.
_LONG_S = 2.0
# Of threads, for inputs that the usual ones are compared beside.
_FEW_COUNTS = (2, 3)
# At the timed size, of the time that the original took.
_PATIENCE = 20.0
_SHORTEST_LIMIT_S = 10.0


def thread_counts() -> tuple[int, ...]:
    """Return the numbers of threads to test with."""
    return tuple(sorted({1, 2, 3, 2 * len(os.sched_getaffinity(0))}))


def check_differential(climb: Climb, cases: Sequence[Case], counts: tuple[int, ...] = ()) -> Finding:
    """Return the finding of this stage over ``cases``; set ``climb.reference`` to the original's results.

    Args:
        climb: The candidate.
        cases: Its inputs.
        counts: Numbers of threads; if empty, those of ``thread_counts``.
    """
    if not cases:
        reason = "; ".join(climb.harness.notes) or "no inputs were found"
        return failed(Stage.DIFFERENTIAL, Code.ORIGINAL_FAILS, f"the original cannot be run: {reason}")
    climb.progress("running the original")
    reference = _reference(climb, cases)
    if isinstance(reference, RunFailed):
        return failed(Stage.DIFFERENTIAL, Code.ORIGINAL_FAILS, f"the original {reference.reason}")
    climb.reference = reference
    runs = 0
    tried: set[int] = set()
    for compiler in climb.compilers:
        build = climb.build(compiler, DELIVERED)
        if isinstance(build, BuildFailed):
            continue
        for threads in counts or _threads(climb, compiler):
            climb.progress(f"comparing results, {compiler.label}, {counted(threads, 'thread')}")
            found = _compare(climb, cases, compiler, threads)
            if found is not None:
                return found
            tried.add(threads)
            runs += len(cases)
    threads = ", ".join(str(count) for count in sorted(tried))
    many = f"{counted(runs, 'run')} over {counted(len(cases), 'input')}"
    counts_tried = f"{threads} thread{'' if tried == {1} else 's'}"
    detail = f"{many} with {counts_tried} give the original's results"
    dropped = len(climb.harness.notes)
    return passed(
        Stage.DIFFERENTIAL,
        detail + (f"; {counted(dropped, 'input')} dropped, where the original fails" * bool(dropped)),
    )


def check_unusual(climb: Climb, plain: Finding) -> Finding:
    """Return ``plain``, the finding on the usual inputs, with what arrays that overlap and extreme integers show.

    A candidate of ours must guard against arrays that overlap; of one that somebody else wrote it is said where it is
    wrong there, since its author may know that no caller makes them so.

    The original's results on the usual inputs stay in ``climb.reference`` for the stages that follow.
    """
    kept = climb.reference
    notes: list[str] = []
    extreme = extreme_cases(climb.harness)
    overlapping = overlapping_cases(climb.harness)
    for name, cases in (("extreme integers", extreme), ("arrays that overlap", overlapping)):
        found = check_differential(climb, cases, counts=_FEW_COUNTS) if cases else None
        climb.reference = kept
        if found is None:
            notes.append(f"{name} were not tried")
        elif found.outcome is Outcome.PASS:
            notes.append(f"{name}: {counted(len(cases), 'input')}, the same")
        elif name == "extreme integers" or not climb.evidence.may_assume_apart:
            return found
        else:
            notes.append(f"NOT THE SAME where arrays overlap ({found.detail}); restrict in the original rules that out")
    return replace(plain, detail=f"{plain.detail}; {'; '.join(notes)}")


def check_timed_size(climb: Climb, case: Case) -> Finding | None:
    """Return what is wrong with the results at the size that is timed, compared once per compiler; None if nothing.

    The calls are those that the clock sees, and the elements of large arrays are sampled as there: comparing every
    element would take a hundred times as long as the call.

    A candidate that cheats, or breaks, at large sizes only would pass the small inputs and win on the clock.
    """
    for compiler in climb.compilers:
        original, candidate = climb.build(compiler, SERIAL, original=True), climb.build(compiler, DELIVERED)
        if isinstance(original, BuildFailed) or isinstance(candidate, BuildFailed):
            continue
        old = climb.harness.time(original, case)
        if isinstance(old, RunFailed):
            continue
        threads = thread_counts()[1]
        limit_s = max(_SHORTEST_LIMIT_S, _PATIENCE * sum((*old.warmups_s, *old.samples_s)))
        new = climb.harness.time(candidate, case, threads=threads, limit_s=min(climb.settings.limits.run_s, limit_s))
        where = f"with {case.label} ({compiler.label}, {counted(threads, 'thread')})"
        if isinstance(new, RunFailed):
            return failed(Stage.DIFFERENTIAL, new.code, f"the candidate {new.reason}, {where}")
        if new.sample.damage and not old.sample.damage:
            return failed(Stage.DIFFERENTIAL, Code.BAD_ADDRESS, f"the candidate {new.sample.damage[0]}, {where}")
        again = partial(_again, climb, original, case)
        outputs = climb.harness.subject.compared
        found = TimedReference(old.sample, again, climb.tolerance, outputs).difference(new.sample)
        if found is not None:
            return failed(Stage.DIFFERENTIAL, Code.RESULTS_DIFFER, f"{found}, {where}")
    return None


def _again(climb: Climb, original: Build, case: Case, perturbation: float) -> TimedRun | RunFailed:
    return climb.harness.time(original, case, perturbation=perturbation)


def _threads(climb: Climb, compiler: Compiler) -> tuple[int, ...]:
    counts = thread_counts() if compiler is climb.compilers[0] else (2, 3)
    took_s = climb.reference.first.elapsed_s if climb.reference else 0.0
    return counts if took_s < _LONG_S else counts[1:2]


def _reference(climb: Climb, cases: Sequence[Case]) -> Reference | RunFailed:
    for compiler in climb.compilers:
        build = climb.build(compiler, SERIAL, original=True)
        if isinstance(build, BuildFailed):
            continue
        return run_reference(climb, build, cases)
    return RunFailed(Code.BUILD_FAILED, "does not compile")


def run_reference(
    climb: Climb, build: Build, cases: Sequence[Case], *, limit_s: float | None = None, emulator: tuple[str, ...] = ()
) -> Reference | RunFailed:
    """Return the results of ``build``, the original: twice, and where it is a function on perturbed inputs, too.

    Args:
        climb: The candidate.
        build: Of the original.
        cases: The inputs.
        limit_s, emulator: See ``Harness.observe_all``.
    """
    runs: list[Run] = []
    perturbations = () if climb.harness.is_program else PERTURBATIONS
    for perturbation in (0.0, 0.0, *perturbations):
        ran = climb.harness.observe_all(build, cases, perturbation=perturbation, limit_s=limit_s, emulator=emulator)
        if isinstance(ran, RunFailed):
            if len(runs) < 2:
                return ran
            continue  # a perturbed input that the original does not survive: no spread from it
        runs.append(ran)
    return Reference(runs[0], runs[1], tuple(runs[2:]))


def _compare(climb: Climb, cases: Sequence[Case], compiler: Compiler, threads: int) -> Finding | None:
    build = climb.build(compiler, DELIVERED)
    if isinstance(build, BuildFailed):
        return None
    ran = climb.harness.observe_all(build, cases, threads=threads, limit_s=climb.limit_s())
    where = f"{compiler.label}, {threads} thread{'s' * (threads > 1)}"
    if isinstance(ran, RunFailed):
        at = next((f" with {case.label}" for case in cases if case.index == ran.case), "")
        return failed(Stage.DIFFERENTIAL, ran.code, f"the candidate {ran.reason}{at} ({where})")
    found = compare_runs(climb, cases, ran)
    return None if found is None else failed(Stage.DIFFERENTIAL, found[0], f"{found[1]} ({where})")


def compare_runs(
    climb: Climb, cases: Sequence[Case], ran: Run, reference: Reference | None = None
) -> tuple[Code, str] | None:
    """Return why ``ran`` differs from ``reference``, that of the climb if None; None if it does not differ."""
    reference = reference or climb.reference
    if reference is None:
        return None
    for case in cases:
        old, new = _of(reference.first, case), _of(ran, case)
        if old is None or new is None:
            continue
        if new.damage and not old.damage:
            is_memory = new.damage[0].startswith("wrote")
            code = Code.BAD_ADDRESS if is_memory else Code.RESULTS_DIFFER
            return code, f"with {case.label} the candidate {new.damage[0]}"
        again = _of(reference.second, case)
        if again is not None and difference(old, again, climb.tolerance, (), ()) is not None:
            continue  # the original does not agree with itself: nothing can be learnt
        perturbed = [item for item in (_of(run, case) for run in reference.perturbed) if item is not None]
        found = difference(old, new, climb.tolerance, perturbed, climb.harness.subject.compared)
        if found is not None:
            return Code.RESULTS_DIFFER, f"{found}, with {case.label}"
    if ran.status != reference.first.status:
        return Code.RESULTS_DIFFER, f"exit status {ran.status} instead of {reference.first.status}"
    text = text_difference(
        reference.first.stdout, ran.stdout, reference.second.stdout, reassociates=climb.evidence.reassociates
    )
    return None if text is None else (Code.RESULTS_DIFFER, text)


def _of(run: Run, case: Case) -> Observation | None:
    return next((item for item in run.observations if item.case == case.index), None)
