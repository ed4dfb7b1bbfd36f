"""The answer of ``verify FILE``: for people, and as the document that docs/json.md describes."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from loopwright.core.code_pages import remedy
from loopwright.core.counted import counted
from loopwright.core.race import (
    AuditReport,
    ConstructVerdict,
    Fix,
    Race,
    RaceAccess,
    RaceVerdict,
)
from loopwright.core.verdict import Finding
from loopwright.render.json_report import Document, envelope, finite
from loopwright.render.lines import code, heading, labelled, prose

_WORDS = {RaceVerdict.RACE: "race", RaceVerdict.FREE: "race-free", RaceVerdict.UNKNOWN: "unknown"}


def render_audit(report: AuditReport, source: tuple[str, ...] = ()) -> RenderableType:
    """Return the verdict per construct with its evidence, the reasons, and a proposed change."""
    return Group(*_audit(report, source))


def audit_document(report: AuditReport) -> Document:
    """Return the document of ``verify FILE``."""
    return {
        **envelope("verify"),
        "path": report.path,
        "verdict": report.verdict.value,
        "constructs": [_construct(each) for each in report.constructs],
        "findings": [_finding_document(finding) for finding in report.findings],
        "code": report.code.value if report.code is not None else None,
        "reason": report.reason,
        "patch": report.patch,
        "warnings": list(report.warnings),
        "elapsed_s": finite(report.elapsed_s),
    }


def _construct(verdict: ConstructVerdict) -> Document:
    return {
        "id": verdict.id,
        "function": verdict.function,
        "file": verdict.path,
        "line": verdict.line,
        "directive": verdict.directive,
        "verdict": verdict.verdict.value,
        "evidence": verdict.evidence.value,
        "race": _race(verdict.races[0]) if verdict.races else None,
        "races": [_race(race) for race in verdict.races],
        "code": verdict.code.value if verdict.code is not None else None,
        "reason": verdict.reason,
        "fix": _fix(verdict.fix),
    }


def _race(race: Race) -> Document:
    return {
        "variable": race.variable,
        "first": _access(race.first),
        "second": _access(race.second),
        "conditional": race.is_conditional,
        "witness": race.witness,
    }


def _access(access: RaceAccess) -> Document:
    return {"file": access.path, "line": access.line, "kind": access.kind.value, "text": access.text}


def _fix(fix: Fix | None) -> Document | None:
    if fix is None:
        return None
    return {
        "kind": fix.kind,
        "clause": fix.clause,
        "line": fix.edits[0].line,
        "edits": [{"line": edit.line, "text": edit.text, "insertion": edit.is_insertion} for edit in fix.edits],
        "patch": fix.patch,
    }


def _finding_document(finding: Finding) -> Document:
    return {
        "stage": finding.stage.value,
        "outcome": finding.outcome.value,
        "detail": finding.detail,
        "code": finding.code.value if finding.code is not None else None,
        "elapsed_s": finite(finding.elapsed_s),
    }


def _audit(report: AuditReport, source: tuple[str, ...]) -> Iterator[RenderableType]:
    races = sum(each.verdict is RaceVerdict.RACE for each in report.constructs)
    yield heading(
        f"{report.path}: {_WORDS[report.verdict]}; {counted(len(report.constructs), 'construct')}, {races} with a race"
    )
    yield from (labelled("warning", warning, 2) for warning in report.warnings)
    if report.code is not None:
        yield labelled("because", f"{report.code}: {report.reason}", 2)
    for verdict in report.constructs:
        yield heading(f"\n{verdict.id}")
        yield labelled(_WORDS[verdict.verdict], f"omp {verdict.directive} ({verdict.evidence} evidence)", 2, width=10)
        yield from _because(verdict, source)
    if report.patch:
        yield heading("\nproposed changes")
        yield from (code(line, 2) for line in report.patch.rstrip("\n").split("\n"))
    if report.findings:
        yield prose("")
    for finding in report.findings:
        reason = f"{finding.code}: " if finding.code is not None else ""
        yield labelled(finding.outcome, f"{finding.stage}: {reason}{finding.detail}", 2)
    yield prose(f"\n{report.elapsed_s:.1f} s")


def _because(verdict: ConstructVerdict, source: tuple[str, ...]) -> Iterator[RenderableType]:
    if verdict.code is None:
        return
    yield labelled("because", f"{verdict.code}: {verdict.reason}", 4)
    if verdict.races:
        for line in dict.fromkeys((verdict.races[0].first.line, verdict.races[0].second.line)):
            if 1 <= line <= len(source):
                yield code(f"{line:5} | {source[line - 1].strip()}", 14)
    if verdict.fix is not None:
        edits = verdict.fix.edits
        where = "in front of" if edits[0].is_insertion else "at"
        lines = ", ".join(str(edit.line) for edit in edits)
        yield labelled("to do", f"add {verdict.fix.clause} {where} line{'' if len(edits) == 1 else 's'} {lines}", 4)
    elif remedy(verdict.code):
        yield labelled("to do", remedy(verdict.code), 4)
