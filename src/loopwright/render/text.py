"""Reports for people. Each function returns one rich renderable; the caller owns the console.

``source`` is the text of the user's file, split into lines, so that a witness can quote it; without it only
line numbers appear.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from rich.console import Group, RenderableType

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.code_pages import remedy
from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.dependence import Witness
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.measurement import Measurement, MeasurementFailed
from loopwright.core.report import AnalysisReport, NestOutcome, NestReport, OptimizeReport, ProposalReport, VerifyReport
from loopwright.core.verdict import Finding
from loopwright.render.lines import code, heading, labelled, prose
from loopwright.render.wording import (
    assumption_lines,
    duration_text,
    legality_word,
    plan_lines,
    speedup_text,
    witness_lines,
)


def render_analysis(report: AnalysisReport, source: tuple[str, ...] = ()) -> RenderableType:
    """Return the answer per loop, with reason, witness and what to do for those that are not parallel."""
    return Group(*_analysis(report, source))


def render_optimize(report: OptimizeReport, source: tuple[str, ...] = ()) -> RenderableType:
    """Return the summary of the patch and the evidence for each nest, losses included."""
    return Group(*_optimize(report, source))


def render_verify(report: VerifyReport) -> RenderableType:
    """Return the verdict per function with the findings of every stage."""
    return Group(*_verify(report))


def _analysis(report: AnalysisReport, source: tuple[str, ...]) -> Iterator[RenderableType]:
    loops = [loop for nest in report.nests for loop in nest.own_loops]
    proved = sum(loop.is_parallel for loop in loops)
    yield heading(
        f"{report.path}: {counted(len(report.nests), 'loop nest')}, "
        f"{proved} of {counted(len(loops), 'loop')} proved parallel, {len(report.unsupported)} not analysed"
    )
    yield from _warnings(report.warnings)
    if report.doubt is not None:
        yield labelled("incomplete", f"{report.doubt.code}: {report.doubt.reason}", 2)
    for nest in report.nests:
        yield heading(f"\n{nest.nest.id}")
        for loop in nest.own_loops:
            yield from _loop(nest, loop, source)
    for item in report.unsupported:
        yield heading(f"\n{item.function}:{item.span.line}")
        yield from _refusal("unsupported", item.code, item.reason, None, source, 2)


def _loop(nest: NestAnalysis, answer: LoopAnalysis, source: tuple[str, ...]) -> Iterator[RenderableType]:
    loop = nest.nest.loop(answer.loop)
    word = legality_word(answer.legality)
    needs = [f"reduction({operator}:{variable})" for variable, operator in answer.reductions]
    needs += [f"private({', '.join(answer.privates)})"] if answer.privates else []
    where = f"loop {loop.name} at line {loop.span.line}" + (f", with {' '.join(needs)}" if needs else "")
    yield labelled(word, where, 2 + 2 * loop.depth)
    indent = 4 + 2 * loop.depth
    match answer.legality:
        case Proved(assumptions=assumptions):
            for line in assumption_lines(assumptions):
                yield labelled("assumes", line, indent)
        case Refuted(code=reason_code, reason=reason, witness=witness):
            yield from _because(reason_code, reason, witness, source, indent)
        case Undecided(code=reason_code, reason=reason):
            yield from _because(reason_code, reason, None, source, indent)
        case _:
            assert_never(answer.legality)


def _because(
    reason_code: Code, reason: str, witness: Witness | None, source: tuple[str, ...], indent: int
) -> Iterator[RenderableType]:
    yield labelled("because", f"{reason_code}: {reason}", indent)
    if witness is not None:
        first, *quotes = witness_lines(witness, source)
        yield labelled("witness", first, indent)
        for quote in quotes:
            yield code(quote, indent + 10)
    advice = remedy(reason_code)
    if advice:
        yield labelled("to do", advice, indent)


def _refusal(
    word: str, reason_code: Code | None, reason: str, witness: Witness | None, source: tuple[str, ...], indent: int
) -> Iterator[RenderableType]:
    yield labelled(word, "", indent, width=12)
    if reason_code is not None:
        yield from _because(reason_code, reason, witness, source, indent + 2)


def _optimize(report: OptimizeReport, source: tuple[str, ...]) -> Iterator[RenderableType]:
    delivered = sum(nest.outcome is NestOutcome.DELIVERED for nest in report.nests)
    added, removed = patch_size(report.patch)
    answer = f"{delivered} of {counted(len(report.nests), 'loop nest')} delivered"
    yield heading(
        f"{report.path}: " + (f"{answer}, +{added} -{removed} lines" if delivered else f"{answer}; keep the original")
    )
    yield from _warnings(report.warnings)
    for nest in report.nests:
        yield from _nest(nest, source)
    yield prose(
        f"\nmodel {report.model}, strategy {report.strategy}, seed {report.seed}, {report.elapsed_s:.1f} s, "
        f"{report.host.cpu} with {counted(report.host.cores, 'core')}"
    )


def _nest(nest: NestReport, source: tuple[str, ...]) -> Iterator[RenderableType]:
    label = f" ({nest.label})" if nest.label is not None else ""
    yield heading(f"\n{nest.id}")
    yield labelled(nest.outcome, f"{nest.function}, line {nest.line}{label}", 2, width=12)
    if nest.code is not None:
        yield from _because(nest.code, nest.reason, nest.witness, source, 4)
    elif nest.reason:
        yield labelled("because", nest.reason, 4)
    if nest.basis is not None:
        for line in plan_lines(nest.basis):
            yield code(f"plan      {line}", 4)
        yield from (labelled("assumes", line, 4) for line in assumption_lines(nest.basis.assumptions))
    match nest.measurement:
        case Measurement():
            yield labelled("speed-up", speedup_text(nest.measurement), 4)
            times = [nest.measurement.candidate, *nest.measurement.baselines]
            yield labelled(
                "times", "; ".join(f"{series.label} {duration_text(series.median_s)}" for series in times), 4
            )
        case MeasurementFailed(code=failure) if failure is nest.code:
            pass  # said above
        case MeasurementFailed(code=failure, reason=reason):
            yield labelled("speed-up", f"not measured: {failure}: {reason}", 4)
        case None:
            pass
        case _:
            assert_never(nest.measurement)
    yield from (_finding(finding, 4) for finding in nest.findings)
    if nest.proposals:
        yield labelled("proposals", _proposals(nest.proposals), 4)
        errors = dict.fromkeys(
            (item.proposal.by, item.proposal.error) for item in nest.proposals if item.proposal.error
        )
        yield from (labelled("no plan", f"{by}: {error}", 4) for by, error in errors)


def _proposals(proposals: tuple[ProposalReport, ...]) -> str:
    words: dict[str, list[str]] = {}
    for item in proposals:
        words.setdefault(item.proposal.by, []).append(_proposal_word(item))
    return "; ".join(f"{by}: {', '.join(answers)}" for by, answers in words.items())


def _proposal_word(item: ProposalReport) -> str:
    if item.legality is None:
        return "no plan"
    word = legality_word(item.legality)
    return word if isinstance(item.legality, Proved) else f"{word} {item.legality.code}"


def _verify(report: VerifyReport) -> Iterator[RenderableType]:
    answer = "accepted" if report.accepted else "not accepted"
    yield heading(f"{report.candidate}: {answer} as a replacement for {report.original}")
    yield from _warnings(report.warnings)
    if not report.verdicts:
        yield prose("no function was checked", 2)
    for function, verdict in report.verdicts:
        yield heading(f"\n{function}")
        yield labelled("yes" if verdict.accepted else "no", _verdict_reason(verdict.failure, verdict.accepted), 2)
        yield from (_finding(finding, 4) for finding in verdict.findings)
    yield prose(f"\n{report.elapsed_s:.1f} s")


def _verdict_reason(failure: Finding | None, accepted: bool) -> str:
    if accepted:
        return "every required stage passed"
    if failure is None:
        return "a required stage could not run"
    return f"caught by the stage {failure.stage}" + (f": {failure.code}" if failure.code is not None else "")


def _finding(finding: Finding, indent: int) -> RenderableType:
    reason = f"{finding.code}: " if finding.code is not None else ""
    return labelled(finding.outcome, f"{finding.stage}: {reason}{finding.detail}", indent)


def _warnings(warnings: tuple[str, ...]) -> Iterator[RenderableType]:
    yield from (labelled("warning", warning, 2) for warning in warnings)


def patch_size(patch: str) -> tuple[int, int]:
    """Return how many lines a unified diff adds and removes."""
    # The header's own "---" and "+++" stand in front of the first hunk; behind it they are text.
    _, _, hunks = patch.partition("\n@@ ")
    lines = hunks.split("\n")[1:]
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
