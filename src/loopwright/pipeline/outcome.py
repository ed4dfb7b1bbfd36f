"""What became of a nest, as a report: delivered, kept, refused or unsupported, and why."""

from __future__ import annotations

from dataclasses import replace

from loopwright.config import Settings
from loopwright.core.analysis import NestAnalysis
from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.measurement import Measurement, MeasurementFailed
from loopwright.core.nest import Unsupported
from loopwright.core.report import Label, NestOutcome, NestReport, ProposalReport
from loopwright.pipeline.trial import Contender

_FAULTS = frozenset({Code.BUILD_FAILED, Code.RESULTS_DIFFER, Code.CRASHED, Code.TIMED_OUT, Code.OUT_OF_MEMORY})
"""Of the candidate, where a measurement meets them: it is refused, not just no gain."""


def unsupported(item: Unsupported) -> NestReport:
    """Report a loop that no nest was made of."""
    return NestReport(
        id=f"{item.function}:{item.span.line}",
        function=item.function,
        line=item.span.line,
        outcome=NestOutcome.UNSUPPORTED,
        code=item.code,
        reason=item.reason,
        last_line=item.span.end_line,
    )


def delivered(contender: Contender, proposals: tuple[ProposalReport, ...]) -> NestReport:
    """Report a nest that is in the patch."""
    basis = contender.option.basis
    return NestReport(
        id=contender.nest.id,
        function=contender.nest.function,
        line=contender.nest.span.line,
        outcome=NestOutcome.DELIVERED,
        label=Label.PROVED if isinstance(basis, Proved) else Label.TESTED,
        basis=basis,
        proposals=proposals,
        findings=contender.verdict.findings if contender.verdict is not None else (),
        measurement=contender.measurement,
        last_line=contender.nest.span.end_line,
    )


def not_delivered(
    analysis: NestAnalysis,
    proposals: tuple[ProposalReport, ...],
    contender: Contender | None,
    failure: MeasurementFailed | None,
    settings: Settings,
) -> NestReport:
    """Report a nest that stays as it is, with the first reason that stopped it."""
    nest = analysis.nest
    report = NestReport(
        nest.id,
        nest.function,
        nest.span.line,
        NestOutcome.KEPT,
        proposals=proposals,
        last_line=nest.span.end_line,
    )
    if contender is None:
        return _without_candidate(report, analysis, failure, settings)
    report = replace(
        report,
        basis=contender.option.basis,
        findings=contender.verdict.findings if contender.verdict is not None else (),
        measurement=contender.measurement or contender.screened,
    )
    failed = contender.verdict.failure if contender.verdict is not None else None
    if failed is not None:
        return replace(
            report,
            outcome=NestOutcome.REFUSED,
            code=failed.code,
            reason=f"the {failed.stage} check caught the candidate: {failed.detail}",
        )
    if contender.verdict is not None and not contender.verdict.accepted:
        missing = sorted(set(contender.verdict.required) - {finding.stage for finding in report.findings})
        return replace(
            report,
            outcome=NestOutcome.REFUSED,
            code=Code.CHECK_UNAVAILABLE,
            reason=f"a required check did not pass: {', '.join(missing) or 'see the findings'}",
        )
    measured = report.measurement
    if isinstance(measured, MeasurementFailed) and measured.code in _FAULTS:
        return replace(report, outcome=NestOutcome.REFUSED, code=measured.code, reason=measured.reason)
    if isinstance(measured, MeasurementFailed):
        return replace(report, code=measured.code, reason=measured.reason)
    return replace(report, code=Code.NOT_FASTER, reason=_not_faster(measured))


def _not_faster(measured: Measurement | None) -> str:
    if measured is None:
        return "no gain was measured"
    if measured.is_faster:
        return f"{measured.median:.2f}x alone, but no gain together with the nests that are delivered"
    bounds = f"[{measured.low:.2f}, {measured.high:.2f}] " if measured.interval is not None else ""
    return (
        f"not certainly faster than {measured.baseline}: {measured.median:.2f}x "
        f"{bounds}on {counted(measured.threads, 'thread')}"
    )


def _without_candidate(
    report: NestReport, analysis: NestAnalysis, failure: MeasurementFailed | None, settings: Settings
) -> NestReport:
    if failure is not None:
        outcome = NestOutcome.REFUSED if failure.code in _FAULTS else NestOutcome.KEPT
        return replace(report, outcome=outcome, code=failure.code, reason=failure.reason)
    legality = _telling(analysis)
    if isinstance(legality, Refuted):
        return replace(
            report,
            outcome=NestOutcome.REFUSED,
            code=legality.code,
            reason=legality.reason,
            witness=legality.witness,
        )
    if isinstance(legality, Undecided):
        hint = "; --accept tested lets it be tried" if legality.waivable and not settings.accept_tested else ""
        return replace(report, outcome=NestOutcome.REFUSED, code=legality.code, reason=legality.reason + hint)
    return replace(report, code=Code.NO_PROPOSAL, reason="a loop is parallel, but no code was made for it")


def _telling(analysis: NestAnalysis) -> Legality | None:
    """Return the answer that explains a nest best: a proof if there is one, else that of the outermost loop."""
    answers = [loop.legality for loop in analysis.loops]
    return next((answer for answer in answers if isinstance(answer, Proved)), answers[0] if answers else None)
