"""Stage CONFLICTS: every iteration of the parallel loops on a virtual thread of its own, all accesses recorded.

No two iterations may touch the same byte unless both read or both are atomic, and the results must be the original's,
with the iterations in order, backwards and shuffled. This does not depend on how threads happen to be scheduled; it
depends on the inputs, so a stage in which no parallel loop ran with several threads does not pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loopwright.core.codes import Code
from loopwright.core.verdict import Finding, Stage
from loopwright.harness.builder import Variant
from loopwright.harness.cases import Case
from loopwright.harness.results import Run, RunFailed
from loopwright.toolchain.compiler import BuildFailed
from loopwright.verify.differential import compare_runs
from loopwright.verify.ladder import TEAM, Climb, failed, first_line, passed, skipped

_DIRECTIVE = re.compile(rb'(?:#\s*pragma|_Pragma\s*\(\s*")\s*omp\b')


def run_team(climb: Climb, cases: Sequence[Case]) -> Run | RunFailed | str:
    """Run ``cases`` with virtual threads; a text says why that is not possible."""
    compiler = climb.compiler("gcc")
    if compiler is None:
        return "iterations were not compared: gcc is missing (apt-get install gcc)"
    build = climb.build(compiler, TEAM, variant=Variant.TEAM)
    if isinstance(build, BuildFailed):
        return f"iterations were not compared: virtual threads cannot run the candidate ({first_line(build.output)})"
    environment = {"LOOPWRIGHT_TEAM": str(climb.evidence.team)}
    return climb.harness.observe_all(build, cases, threads=climb.evidence.team, environment=environment)


def check_conflicts(climb: Climb) -> Finding:
    """Return the finding of this stage."""
    climb.progress("comparing what iterations touch")
    cases = climb.harness.cases()
    ran = run_team(climb, cases)
    if isinstance(ran, str):
        return skipped(Stage.CONFLICTS, ran)
    if isinstance(ran, RunFailed):
        if ran.code is Code.TIMED_OUT and climb.harness.is_program:
            return skipped(Stage.CONFLICTS, "the program takes too long with one thread per iteration")
        if b"loopwright harness:" in ran.stderr:
            return skipped(
                Stage.CONFLICTS, f"virtual threads cannot run it: {first_line(ran.stderr.decode(errors='replace'))}"
            )
        at = next((f" with {case.label}" for case in cases if case.index == ran.case), "")
        return failed(Stage.CONFLICTS, ran.code, f"the candidate {ran.reason}{at} with one thread per iteration")
    regions = [(item.regions, case) for item, case in zip(ran.observations, cases, strict=True) if item.regions]
    for found, case in regions:
        if found.conflict:
            return failed(Stage.CONFLICTS, Code.CONFLICT_RECORDED, f"{found.conflict}, with {case.label}")
    different = compare_runs(climb, cases, ran)
    if different is not None:
        return failed(Stage.CONFLICTS, different[0], f"{different[1]} (one thread per iteration)")
    executed = sum(found.parallel for found, _ in regions)
    distinct = max((found.distinct for found, _ in regions), default=0)
    if not distinct and not climb.evidence.regions and not _DIRECTIVE.search(climb.content):
        return skipped(Stage.CONFLICTS, "the candidate has no OpenMP directive, so that no loop of it runs in parallel")
    if distinct < max(climb.evidence.regions, 1):
        return skipped(
            Stage.CONFLICTS,
            f"the inputs reach {distinct} of {max(climb.evidence.regions, 1)} parallel loops with several threads",
        )
    return passed(
        Stage.CONFLICTS, f"no conflict between iterations in {executed} runs of {distinct} parallel loops, in any order"
    )
