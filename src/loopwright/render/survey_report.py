"""The report of ``analyze`` over many files: for people a line per loop and a table of reasons, for programs JSON."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from loopwright.core.code_pages import page
from loopwright.core.counted import counted
from loopwright.core.survey import CodeBaseReport, Document, FileAnswer, Totals, own_loops
from loopwright.render.json_report import envelope, finite
from loopwright.render.lines import heading, labelled, prose


def survey_document(report: CodeBaseReport, *, with_files: bool = True) -> Document:
    """Return one document with that of each file and the totals."""
    return {
        **envelope("analyze"),
        "files": [_file_document(answer) for answer in report.files] if with_files else [],
        "totals": _totals_document(report),
        "notes": list(report.notes),
        "elapsed_s": finite(report.elapsed_s),
    }


def render_survey(report: CodeBaseReport, *, with_files: bool = True) -> RenderableType:
    """Return a line per loop, then the totals and how often each reason kept a loop from being proved."""
    return Group(*_lines(report, with_files=with_files))


def _file_document(answer: FileAnswer) -> Document:
    error = None
    if not answer.document:
        error = {"code": answer.code.value if answer.code is not None else None, "message": answer.message}
    return {
        "path": answer.path,
        "outcome": answer.outcome.value,
        "cached": answer.is_cached,
        "error": error,
        "analysis": answer.document or None,
    }


def _totals_document(report: CodeBaseReport) -> Document:
    totals = report.totals
    return {
        "files": totals.files,
        "outcomes": {outcome.value: count for outcome, count in totals.outcomes},
        "cached": totals.cached,
        "functions": totals.functions,
        "nests": totals.nests,
        "loops": totals.loops,
        "proved": totals.proved,
        "refuted": totals.refuted,
        "undecided": totals.undecided,
        "unsupported": totals.unsupported,
        "reasons": {code.value: count for code, count in totals.reasons},
        "functions_per_s": _rate(report),
    }


def _rate(report: CodeBaseReport) -> float | None:
    return finite(report.totals.functions / report.elapsed_s) if report.elapsed_s > 0.0 else None


def _lines(report: CodeBaseReport, *, with_files: bool) -> Iterator[RenderableType]:
    for answer in report.files if with_files else ():
        yield from _file(answer)
    yield heading("\ntotals" if with_files else "totals")
    yield _summary(report.totals)
    yield from (labelled("note", note, 2) for note in report.notes)
    if report.totals.reasons:
        yield prose("")
        yield _reasons(report.totals)
    rate = _rate(report)
    speed = f", {rate:.0f} functions a second" if rate is not None else ""
    yield prose(f"\n{report.elapsed_s:.1f} s{speed}")


def _file(answer: FileAnswer) -> Iterator[RenderableType]:
    if not answer.document:
        code = f"{answer.code}: " if answer.code is not None else ""
        yield heading(answer.path)
        yield labelled(answer.outcome.value, f"{code}{answer.message}", 2)
        return
    doubt, document = answer.document.get("doubt"), answer.document
    rows = [(loop["line"], loop["parallel"], _because(loop)) for nest in document["nests"] for loop in own_loops(nest)]
    rows += [(item["line"], "unsupported", f"{item['code']}: {item['reason']}") for item in document["unsupported"]]
    if not rows and doubt is None:
        return
    yield heading(answer.path)
    if doubt is not None:
        yield labelled("incomplete", f"{doubt['code']}: {doubt['reason']}", 2)
    for line, word, reason in sorted(rows):
        yield labelled(word, f"line {line}" + (f": {reason}" if reason else ""), 2, width=12)


def _because(loop: Document) -> str:
    if loop["code"] is not None:
        return f"{loop['code']}: {loop['reason']}"
    needs = [f"reduction({each['operator']}:{each['variable']})" for each in loop["reductions"]]
    needs += [f"private({', '.join(loop['privates'])})"] if loop["privates"] else []
    assumed = len(loop["assumptions"])
    needs += [counted(assumed, "assumption")] if assumed else []
    return ", ".join(needs)


def _summary(totals: Totals) -> RenderableType:
    parts = [f"{count} {outcome.value}" for outcome, count in totals.outcomes]
    lines = [
        labelled("files", f"{totals.files}: {', '.join(parts)}; {totals.cached} from earlier runs", 2),
        labelled("functions", str(totals.functions), 2),
        labelled(
            "loops",
            f"{totals.loops} in {counted(totals.nests, 'nest')}: {totals.proved} proved parallel, "
            f"{totals.refuted} refuted, {totals.undecided} undecided; {totals.unsupported} not analysed",
            2,
        ),
    ]
    return Group(*lines)


def _reasons(totals: Totals) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("reason")
    table.add_column("loops", justify="right")
    table.add_column("what it means")
    for code, count in totals.reasons:
        table.add_row(code.value, str(count), page(code).meaning)
    return table
