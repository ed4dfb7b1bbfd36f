"""Stage ELSEWHERE: on other processors, emulated, the candidate leaves the original's results behind on small inputs.

Correctness only, and once for what is about to be delivered. Code that is right here because of this machine's
strong memory order, its rounding, or the size of a type may be wrong there. What cannot be checked is named; only a
difference, a crash or a failed build of the candidate where the original is fine refuses the delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.verdict import Finding, Stage
from loopwright.harness.cases import Case
from loopwright.harness.results import RunFailed
from loopwright.toolchain.compiler import INSTALL_CLANG, INSTALL_GCC, BuildFailed
from loopwright.toolchain.cross import FLAGS, Target, find_targets, install_command, missing_targets
from loopwright.verify.differential import compare_runs, run_reference
from loopwright.verify.ladder import Climb, failed, first_line, passed, skipped

_THREADS = 2
_SMALL_CASES = 3
# Emulation takes ten to fifty times as long; starting it, a tenth of a second.
_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class _Unchecked:
    """Why a target says nothing."""

    reason: str


def check_elsewhere(climb: Climb) -> Finding:
    """Return the finding of this stage."""
    cases = _small_cases(climb)
    checked: list[str] = []
    unchecked = [f"{family} is not installed: {command}" for family, command in _absent_compilers(climb)]
    missing = missing_targets()
    if missing:
        unchecked.append(f"{' and '.join(missing)}: {install_command(missing)}")
    for target in find_targets():
        climb.progress(f"comparing results on {target.processor}, emulated")
        found = _check(climb, target, cases)
        if isinstance(found, Finding):
            return found
        if isinstance(found, _Unchecked):
            unchecked.append(f"{target.processor}: {found.reason}")
        else:
            checked.append(target.processor)
    names = f"; not checked: {'; '.join(unchecked)}" if unchecked else ""
    if not checked:
        return skipped(Stage.ELSEWHERE, f"results were not compared on other processors{names}")
    many = counted(len(cases), "input")
    where = " and ".join(checked)
    return passed(
        Stage.ELSEWHERE, f"the original's results on {where} (gcc, emulated, {_THREADS} threads, {many}){names}"
    )


def _absent_compilers(climb: Climb) -> list[tuple[str, str]]:
    # Every compiler that is there has built and run the candidate in the stages before.
    commands = {"gcc": INSTALL_GCC, "clang": INSTALL_CLANG}
    return [(family, command) for family, command in commands.items() if climb.compiler(family) is None]


def _small_cases(climb: Climb) -> tuple[Case, ...]:
    """Return the smallest inputs that are not empty, and the last, which is there to reach guarded loops."""
    cases = climb.harness.cases()
    ordered = sorted(cases, key=lambda case: (not any(value > 1 for _, value in case.sizes), case.memory_bytes))
    return tuple(dict.fromkeys((*ordered[:_SMALL_CASES], *cases[-1:])))


def _check(climb: Climb, target: Target, cases: Sequence[Case]) -> Finding | _Unchecked | None:
    original = climb.build(target.compiler, FLAGS, original=True)
    if isinstance(original, BuildFailed):
        return _Unchecked(f"the original does not build ({first_line(original.output)})")
    candidate = climb.build(target.compiler, FLAGS)
    if isinstance(candidate, BuildFailed):
        return failed(Stage.ELSEWHERE, Code.BUILD_FAILED, f"{target.processor}: {first_line(candidate.output)}")
    emulator = (target.emulator,)
    reference = run_reference(climb, original, cases, limit_s=_LIMIT_S, emulator=emulator)
    if isinstance(reference, RunFailed):
        return _Unchecked(f"the original {reference.reason}")
    ran = climb.harness.observe_all(candidate, cases, threads=_THREADS, limit_s=_LIMIT_S, emulator=emulator)
    if isinstance(ran, RunFailed):
        if ran.code is Code.TIMED_OUT and climb.harness.is_program:
            return _Unchecked("the program takes too long")
        at = next((f" with {case.label}" for case in cases if case.index == ran.case), "")
        return failed(Stage.ELSEWHERE, ran.code, f"the candidate {ran.reason}{at} on {target.processor}, emulated")
    found = compare_runs(climb, cases, ran, reference)
    return None if found is None else failed(Stage.ELSEWHERE, found[0], f"{found[1]}, on {target.processor}, emulated")
