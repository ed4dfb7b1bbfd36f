"""File -> AuditReport: is OpenMP code that somebody wrote free of data races?

How the two kinds of evidence are joined is decided in docs/decisions/0020-race-evidence.md.
"""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.codes import Code
from loopwright.core.concurrency import Concurrency
from loopwright.core.race import (
    AuditReport,
    ConstructVerdict,
    Detection,
    Edit,
    EvidenceKind,
    Fix,
    Race,
    RaceVerdict,
)
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.openmp.explore import explore
from loopwright.frontend.openmp.program import load_program
from loopwright.legality.races.decide import decide
from loopwright.legality.races.repair import apply_fix, propose_fixes
from loopwright.pipeline.analysis import Progress, read_source, silent
from loopwright.render.diff import patch_path, unified_diff
from loopwright.verify.detection import detect_races

STATIC_S = 60.0
"""How long the rules may take for one file."""
FIXES_S = 30.0
"""How long looking for changes that remove its races may take."""
_MOST_FIXES = 24
_MOST_LINES = 8
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C")
# Flags whose argument is the next word.
_WITH_ARGUMENT = frozenset({"-I", "-D", "-U", "-include", "-isystem", "-iquote", "-x", "-L", "-l", "-o", "-MF", "-MT"})


def audit(
    path: Path,
    *,
    flags: tuple[str, ...] = (),
    settings: Settings | None = None,
    run: bool = True,
    progress: Progress | None = None,
) -> AuditReport:
    """Say of every OpenMP construct of ``path`` whether it has a race.

    Args:
        path: A C or C++ file.
        flags: Compiler flags; source files among them belong to the program, and are read and linked too.
        settings: Compilers and limits; ``budget_s`` bounds the runs.
        run: Also run the program under a race detector, if it has a ``main``.
        progress: Told what is being done.

    Raises:
        UserError: A file cannot be read, or does not parse.
    """
    chosen = settings or from_environment()
    say = progress or silent
    start = time.monotonic()
    own, others = split_sources(flags)
    source = read_source(path, own)
    further = tuple(read_source(Path(each), own) for each in others)
    say(f"reading the directives of {path}")
    concurrency, verdicts = follow(source, further, chosen, start + STATIC_S)
    detection = Detection((), (), False)
    if run and concurrency.has_main and (concurrency.constructs or concurrency.obstacle is not None):
        with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
            detection = detect_races(source, further, chosen, Path(scratch), progress=say)
    joined = join_evidence(verdicts, detection, concurrency)
    say("looking for fixes")
    repaired = _with_fixes(path, joined, concurrency, source, further, chosen)
    patch = unified_diff(patch_path(path), source.content, _all_fixes(repaired, source.content))
    return replace(_report(path, concurrency, repaired, detection, time.monotonic() - start), patch=patch)


def follow(
    source: Source, others: tuple[Source, ...], settings: Settings, end: float
) -> tuple[Concurrency, tuple[ConstructVerdict, ...]]:
    """Return what a file does, and what the rules find in it by the time ``end`` of the monotonic clock.

    A defect of the rules costs the verdict on the file, not the answer.

    Raises:
        UserError: A file does not parse, or a header is missing.
    """

    def is_over() -> bool:
        return time.monotonic() > end

    try:
        concurrency = explore(load_program(source, others, settings), is_over)
        return concurrency, decide(concurrency, is_over)
    except UserError:
        raise
    except Exception as error:  # whatever it is, nothing is shown
        reason = f"the rules cannot follow this file ({type(error).__name__})"
        has_main = re.search(rb"\bmain\s*\(", source.content) is not None
        obstacle = (Code.ANALYSIS_LIMIT, reason)
        return Concurrency(source.path, (), (), (), (), obstacle, has_main, (reason,)), ()


def split_sources(flags: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the flags proper, and the source files among them."""
    own: list[str] = []
    sources: list[str] = []
    is_argument = False
    for flag in flags:
        is_source = not is_argument and not flag.startswith("-") and flag.endswith(_SOURCES)
        (sources if is_source else own).append(flag)
        is_argument = flag in _WITH_ARGUMENT
    return tuple(own), tuple(sources)


def join_evidence(
    verdicts: tuple[ConstructVerdict, ...], detection: Detection, concurrency: Concurrency
) -> tuple[ConstructVerdict, ...]:
    """Return the verdicts with what the runs showed: a reported race decides, a clean run never does alone."""
    joined = list(verdicts)
    for race in detection.races:
        for position in _concerned(race, concurrency, joined):
            joined[position] = _with_race(joined[position], race)
    if not detection.is_complete or detection.races:
        return tuple(joined)
    # Of what never runs, runs show nothing.
    return tuple(
        replace(verdict, evidence=EvidenceKind.BOTH)
        if verdict.verdict is RaceVerdict.FREE and number not in concurrency.idle
        else verdict
        for number, verdict in enumerate(joined)
    )


def _concerned(race: Race, concurrency: Concurrency, verdicts: list[ConstructVerdict]) -> list[int]:
    """Return the constructs to which a reported race belongs.

    Those around one of its lines; if both stand in functions that are called from constructs, those that touch the
    lines; else all that are not shown to be free of races, and at least the first.
    """
    lines = (race.first.line, race.second.line)
    around = [
        construct.number
        for construct in concurrency.constructs
        if not construct.path and any(construct.line <= line <= construct.end_line for line in lines)
    ]
    if around:
        return around
    touching = {
        region.construct
        for region in concurrency.regions
        if region.construct >= 0 and any(touch.span.line in lines for touch in region.touches)
    }
    if touching:
        return sorted(touching)
    open_ = [number for number, verdict in enumerate(verdicts) if verdict.verdict is not RaceVerdict.FREE]
    return open_ or [0][: len(verdicts)]


def _with_race(verdict: ConstructVerdict, race: Race) -> ConstructVerdict:
    known = any(each.lines == race.lines for each in verdict.races)
    if verdict.verdict is RaceVerdict.RACE:
        is_static = verdict.evidence is not EvidenceKind.DYNAMIC
        evidence = EvidenceKind.BOTH if is_static else EvidenceKind.DYNAMIC
        return replace(verdict, evidence=evidence, races=verdict.races if known else (*verdict.races, race))
    reason = (
        f"'{race.variable}': {race.first.kind} at line {race.first.line} and {race.second.kind} at line "
        f"{race.second.line} were seen to race"
    )
    return replace(
        verdict,
        verdict=RaceVerdict.RACE,
        evidence=EvidenceKind.DYNAMIC,
        races=(race,),
        code=Code.DATA_RACE,
        reason=reason,
    )


def _with_fixes(
    path: Path,
    verdicts: tuple[ConstructVerdict, ...],
    concurrency: Concurrency,
    source: Source,
    others: tuple[Source, ...],
    settings: Settings,
) -> tuple[ConstructVerdict, ...]:
    """Return the verdicts with a fix for each race that one removes; the changed text is analysed anew."""
    lines = tuple(source.content.decode("utf-8", "surrogateescape").split("\n"))
    found: list[ConstructVerdict] = []
    tried = 0
    end = time.monotonic() + FIXES_S
    for verdict in verdicts:
        fix: Fix | None = None
        for candidate in propose_fixes(verdict, concurrency, lines) if verdict.races else ():
            is_due = tried < _MOST_FIXES and time.monotonic() < end
            if is_due and _removes(candidate, verdict, concurrency, source, others, settings, end):
                after = apply_fix(source.content, candidate)
                fix = replace(candidate, patch=unified_diff(patch_path(path), source.content, after))
                break
            tried += 1
        found.append(replace(verdict, fix=fix))
    return tuple(found)


def _all_fixes(verdicts: tuple[ConstructVerdict, ...], content: bytes) -> bytes:
    """Return the text with all fixes that change different lines."""
    edits: dict[int, Edit] = {}
    for fix in (verdict.fix for verdict in verdicts if verdict.fix is not None):
        if all(edits.get(edit.line, edit) == edit for edit in fix.edits):
            edits.update({edit.line: edit for edit in fix.edits})
    return apply_fix(content, Fix("", "", tuple(edits.values())))


def _removes(
    fix: Fix,
    verdict: ConstructVerdict,
    before: Concurrency,
    source: Source,
    others: tuple[Source, ...],
    settings: Settings,
    end: float,
) -> bool:
    """Return True if the changed text parses, no construct has a race on the variable any more, and none is illegal.

    Regions that may not be nested, by the text or through calls, are not understood.
    """
    changed = replace(source, content=apply_fix(source.content, fix))
    try:
        concurrency, after = follow(changed, others, settings, end)
    except UserError:
        return False
    if time.monotonic() > end or not concurrency.constructs:
        return False
    if _not_understood(concurrency) - _not_understood(before):
        return False
    variable = verdict.races[0].variable
    return not any(race.variable == variable for each in after for race in each.races) and not any(
        each.verdict is RaceVerdict.UNKNOWN and f"'{variable}" in each.reason for each in after
    )


def _not_understood(concurrency: Concurrency) -> set[tuple[Code, str]]:
    inside = {(each.code, each.reason) for region in concurrency.regions for each in region.opacities}
    return inside | {(code, reason) for _, code, reason in concurrency.unknown}


def file_verdict(concurrency: Concurrency, verdicts: tuple[ConstructVerdict, ...]) -> RaceVerdict:
    """Return the verdict on a file: a race of one construct is one of the file; race-free takes all of them."""
    kinds = {verdict.verdict for verdict in verdicts}
    if RaceVerdict.RACE in kinds:
        return RaceVerdict.RACE
    if RaceVerdict.UNKNOWN in kinds or concurrency.obstacle is not None:
        return RaceVerdict.UNKNOWN
    return RaceVerdict.FREE


def _report(
    path: Path,
    concurrency: Concurrency,
    verdicts: tuple[ConstructVerdict, ...],
    detection: Detection,
    elapsed_s: float,
) -> AuditReport:
    code, reason = concurrency.obstacle or (None, "")
    verdict = RaceVerdict.RACE if detection.races else file_verdict(concurrency, verdicts)
    warnings = list(concurrency.warnings)
    if not verdicts:
        warnings.append("the file has no OpenMP construct")
    if concurrency.idle:
        lines = ", ".join(str(concurrency.constructs[number].line) for number in concurrency.idle[:_MOST_LINES])
        more = ", ..." if len(concurrency.idle) > _MOST_LINES else ""
        warnings.append(f"no way through the program leads to the constructs at these lines: {lines}{more}")
    return AuditReport(str(path), verdict, verdicts, detection.findings, code, reason, tuple(warnings), elapsed_s)
