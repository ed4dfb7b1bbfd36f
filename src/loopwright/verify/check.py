"""Candidate -> Verdict: the stages of the ladder in order; the first that fails ends the climb.

``verify`` is for a candidate of ours, which carries its proof or waiver; ``verify_pair`` for any two versions of a
file, of which nothing is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from loopwright.config import Settings
from loopwright.core.assumption import AssumptionKind
from loopwright.core.candidate import Candidate
from loopwright.core.legality import Basis
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Parallelize, Tile
from loopwright.core.verdict import Finding, Outcome, Stage, Verdict
from loopwright.harness.builder import Variant
from loopwright.harness.cases import Case
from loopwright.harness.extents import largest_size
from loopwright.harness.harness import Harness
from loopwright.harness.results import Regions, Run
from loopwright.harness.tolerance import Tolerance
from loopwright.harness.wellbehaved import larger_cases
from loopwright.toolchain.compiler import require_compilers
from loopwright.toolchain.sanitizer import Sanitizer
from loopwright.verify import addresses, races, uninitialised
from loopwright.verify.addresses import check_addresses
from loopwright.verify.build import check_build
from loopwright.verify.conflicts import check_conflicts, run_team
from loopwright.verify.differential import check_differential, check_timed_size
from loopwright.verify.elsewhere import check_elsewhere
from loopwright.verify.ladder import DELIVERED, SERIAL, TEAM, Climb, Evidence, Prefetch, Progress
from loopwright.verify.races import check_races
from loopwright.verify.uninitialised import check_uninitialised

_TIMED_SIZE_S = 5.0
_LARGER_SIZES = (64, 160, 400, 1000, 2500)
# Arrays indexed by thread number have room for so many in programs that people write.
_PAIR_TEAM = 16
_MOST_TILE_SIZES = 6


def verify(
    harness: Harness,
    original: bytes,
    candidate: Candidate,
    nests: Iterable[LoopNest],
    settings: Settings,
    progress: Progress | None = None,
) -> Verdict:
    """Return the verdict on one of our candidates.

    A candidate that is proved must compile and give the original's results, and pass every sanitizer that is there.
    One that is only waived must also pass RACES and CONFLICTS, whatever is missing here.

    Args:
        harness: Of the function that was changed, or of the program.
        original: The user's file.
        candidate: The changed file and what it rests on.
        nests: The nests that were changed.
        settings: Limits, compilers.
        progress: Told what is being done.
    """
    _test_around_tiles(harness, candidate)
    called = {nest.id for nest in nests if harness.is_program or nest.function == _function(harness)}
    bases = [basis for basis in candidate.bases if basis.plan.nest in called]
    regions = sum(isinstance(step, Parallelize) for basis in bases for step in basis.plan.steps)
    evidence = replace(_evidence(harness, candidate), regions=regions)
    return _climb(harness, original, candidate.content, settings, evidence, progress)


def verify_elsewhere(
    harness: Harness, original: bytes, candidate: Candidate, settings: Settings, progress: Progress | None = None
) -> Finding:
    """Return what other processors say of a candidate that ``verify`` accepts and that is about to be delivered."""
    evidence = _evidence(harness, candidate)
    start = time.monotonic()
    finding = check_elsewhere(_make_climb(harness, original, candidate.content, settings, evidence, progress))
    return replace(finding, elapsed_s=time.monotonic() - start)


def verify_pair(
    harness: Harness, original: bytes, candidate: bytes, settings: Settings, progress: Progress | None = None
) -> Verdict:
    """Return the verdict on a changed file of which nothing is known; sums may be in any order.

    CONFLICTS is climbed where virtual threads can run the candidate, and not required.
    """
    evidence = Evidence(reassociates=True, terms=_terms(harness), team=_PAIR_TEAM)
    return _climb(harness, original, candidate, settings, evidence, progress)


def _test_around_tiles(harness: Harness, candidate: Candidate) -> None:
    """Add inputs whose sizes are a tile's, one less and one more, where the plan cuts tiles."""
    if harness.is_program:
        return
    steps = [step for basis in candidate.bases for step in basis.plan.steps]
    tiles = {size for step in steps if isinstance(step, Tile) for size in step.sizes if size > 1}
    known = {value for case in harness.cases() for _, value in case.sizes}
    for size in sorted({tile + around for tile in tiles for around in (-1, 0, 1)} - known)[:_MOST_TILE_SIZES]:
        harness.add_cases(larger_cases(harness, size, harness.next_index)[:1])


def _evidence(harness: Harness, candidate: Candidate) -> Evidence:
    reassociates = any(_reassociates(basis) for basis in candidate.bases)
    return Evidence(reassociates, terms=_terms(harness), needs_conflicts=not candidate.is_proved)


def _make_climb(
    harness: Harness, original: bytes, content: bytes, settings: Settings, evidence: Evidence, progress: Progress | None
) -> Climb:
    spec = harness.subject.spec
    terms = evidence.terms if evidence.reassociates else 0
    return Climb(
        harness,
        original,
        content,
        settings,
        require_compilers(settings),
        evidence,
        Tolerance.for_terms(terms, spec.relative, spec.absolute),
        progress or (lambda _: None),
    )


def _climb(
    harness: Harness, original: bytes, content: bytes, settings: Settings, evidence: Evidence, progress: Progress | None
) -> Verdict:
    climb = _make_climb(harness, original, content, settings, evidence, progress)
    findings: list[Finding] = []
    with Prefetch() as prefetch:
        _queue_builds(climb, prefetch)
        for stage in _stages(climb):
            start = time.monotonic()
            finding = replace(stage(), elapsed_s=time.monotonic() - start)
            findings.append(finding)
            if finding.outcome is Outcome.FAIL:
                break
    return Verdict(tuple(findings), _required(findings, evidence))


def _stages(climb: Climb) -> tuple[Callable[[], Finding], ...]:
    return (
        lambda: check_build(climb),
        lambda: _differential(climb),
        lambda: check_races(climb),
        lambda: check_addresses(climb),
        lambda: check_uninitialised(climb),
        lambda: check_conflicts(climb),
    )


def _required(findings: Iterable[Finding], evidence: Evidence) -> tuple[Stage, ...]:
    always = {Stage.COMPILE, Stage.DIFFERENTIAL}
    if evidence.needs_conflicts:
        always |= {Stage.RACES, Stage.CONFLICTS}
    # What was climbed must have been passed; what was skipped says itself what is missing.
    climbed = {finding.stage for finding in findings if finding.outcome is not Outcome.SKIPPED}
    return tuple(stage for stage in Stage if stage in always | climbed)


def _differential(climb: Climb) -> Finding:
    """Compare results; then see whether the parallel code ran at all, and go on with larger inputs if it did not."""
    cases = climb.harness.cases()
    finding = check_differential(climb, cases)
    if finding.outcome is not Outcome.PASS:
        return finding
    climb.progress("looking whether the inputs reach the parallel code")
    regions = _look_at_regions(climb, cases)
    # An `if` clause that wants more iterations than these inputs have keeps the loop serial: try larger ones.
    is_guarded = regions is not None and any(item.serial for item in regions)
    for size in _LARGER_SIZES:
        if climb.harness.is_program or not is_guarded or climb.distinct_regions >= max(climb.evidence.regions, 1):
            break
        more = larger_cases(climb.harness, size, climb.harness.next_index)
        reached = climb.distinct_regions
        if not more or _look_at_regions(climb, more) is None:
            break
        if climb.distinct_regions > reached:
            climb.harness.add_cases(more)
    if len(climb.harness.cases()) > len(cases):
        finding = check_differential(climb, climb.harness.cases())
    if finding.outcome is not Outcome.PASS or climb.harness.is_program:
        return finding
    climb.progress("comparing results at the size that is timed")
    timed = climb.harness.timing_case(_TIMED_SIZE_S)
    wrong = None if timed is None else check_timed_size(climb, timed)
    return wrong or finding


def _look_at_regions(climb: Climb, cases: tuple[Case, ...]) -> tuple[Regions, ...] | None:
    """Note in which cases parallel regions had several threads; return what was seen, None if it cannot be seen."""
    ran = run_team(climb, cases)
    if not isinstance(ran, Run):
        return None
    found = {item.case: item.regions for item in ran.observations if item.regions is not None}
    reached = frozenset(case for case, regions in found.items() if regions.parallel)
    climb.parallel_cases = reached | (climb.parallel_cases or frozenset())
    distinct = max((regions.distinct for regions in found.values()), default=0)
    climb.distinct_regions = max(climb.distinct_regions, distinct)
    return tuple(found.values())


def _queue_builds(climb: Climb, prefetch: Prefetch) -> None:
    for compiler in climb.compilers:
        prefetch.add(lambda compiler=compiler: climb.build(compiler, DELIVERED))
        prefetch.add(lambda compiler=compiler: climb.build(compiler, SERIAL, original=True))
    gcc = climb.compiler("gcc")
    if gcc is not None:
        prefetch.add(lambda: climb.build(gcc, TEAM, variant=Variant.TEAM))
    for kind, flags in (
        (Sanitizer.THREAD, races.FLAGS),
        (Sanitizer.ADDRESS, addresses.FLAGS),
        (Sanitizer.MEMORY, uninitialised.FLAGS),
    ):
        compiler = climb.sanitizer_compiler(kind)
        if compiler is not None:
            prefetch.add(lambda compiler=compiler, flags=flags: climb.build(compiler, flags))


def _function(harness: Harness) -> str:
    return harness.subject.function.name if harness.subject.function else "main"


def _reassociates(basis: Basis) -> bool:
    return any(assumption.kind is AssumptionKind.REASSOCIATION for assumption in basis.assumptions)


def _terms(harness: Harness) -> int:
    largest = max((largest_size(dict(case.sizes)) for case in harness.cases()), default=0)
    return 1000 if harness.is_program else 8 * max(largest, 16)
