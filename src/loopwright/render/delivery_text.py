"""A delivered nest in words: what Markdown and HTML show of it."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.measurement import Measurement
from loopwright.core.report import ProposalReport
from loopwright.core.summary import Delivery, Summary
from loopwright.core.verdict import Finding
from loopwright.render.bench_speed import speedup_cell
from loopwright.render.quantities import speedup_text
from loopwright.render.tables import TableCell
from loopwright.render.wording import assumption_lines, legality_word, plan_lines
from loopwright.render.wording import speedup_text as measured_text

MOST_PROPOSALS = 8
"""Shown of one nest; the rest is counted."""

MOST_CHARACTERS = 1500
"""Shown of one reply."""


NOTHING_DELIVERED = "Nothing was delivered: every nest stays as it was."


@dataclass(frozen=True, slots=True)
class ProposalText:
    """A proposal: who made it, what legality said, why, and the model's reply; cut if it is long."""

    by: str
    answer: str
    reason: str
    reply: str


@dataclass(frozen=True, slots=True)
class DeliveryText:
    """A delivered nest.

    Attributes:
        id: Unique in a report.
        kernel, nest, function, line: Which.
        label: ``proved`` or ``tested``.
        best: Speed-up to show beside the title, as in the table with all threads; its cell per method in ``fields``.
        methods: Who delivers it.
        elsewhere: The file's other nests in the same patch.
        plan, assumptions: Line by line.
        source: Line number and text.
        patch: Lines of the unified diff.
        findings: Of the verification ladder.
        measured: What ``optimize`` measured, which decided the delivery; "" if unknown.
        proposals: Of the nest, with the first of ``methods``.
        more_proposals: How many are not shown.
    """

    id: str
    kernel: str
    nest: str
    function: str
    line: int
    label: str
    best: str
    methods: tuple[str, ...]
    fields: tuple[tuple[str, TableCell], ...]
    elsewhere: tuple[str, ...]
    plan: tuple[str, ...]
    assumptions: tuple[str, ...]
    source: tuple[tuple[int, str], ...]
    patch: tuple[str, ...]
    findings: tuple[Finding, ...]
    measured: str
    proposals: tuple[ProposalText, ...]
    more_proposals: int


def delivery_texts(summary: Summary) -> tuple[DeliveryText, ...]:
    """Return every delivery of ``summary`` in words."""
    return tuple(_text(index, delivery, summary) for index, delivery in enumerate(summary.deliveries))


def _text(index: int, delivery: Delivery, summary: Summary) -> DeliveryText:
    nest = delivery.report
    cells = [
        (row.method, cell)
        for row in summary.all_threads.rows
        if row.method in delivery.methods
        for cell in row.cells
        if cell.kernel == delivery.kernel
    ]
    known = [cell.speedup for _, cell in cells if cell.speedup is not None]
    return DeliveryText(
        id=f"delivery-{index}",
        kernel=delivery.kernel,
        nest=nest.id,
        function=nest.function,
        line=nest.line,
        label=nest.label.value if nest.label is not None else "",
        best=speedup_text(max(known)) if known else "",
        methods=delivery.methods,
        fields=tuple((method, speedup_cell(cell)) for method, cell in cells),
        elsewhere=delivery.elsewhere,
        plan=plan_lines(nest.basis) if nest.basis is not None else (),
        assumptions=assumption_lines(nest.basis.assumptions) if nest.basis is not None else (),
        source=tuple(enumerate(delivery.source, start=nest.line)),
        patch=tuple(delivery.patch.removesuffix("\n").split("\n")) if delivery.patch else (),
        findings=nest.findings,
        measured=measured_text(nest.measurement) if isinstance(nest.measurement, Measurement) else "",
        proposals=tuple(_proposal(item) for item in nest.proposals[:MOST_PROPOSALS]),
        more_proposals=max(0, len(nest.proposals) - MOST_PROPOSALS),
    )


def _proposal(item: ProposalReport) -> ProposalText:
    reply = item.proposal.replies[-1].text if item.proposal.replies else ""
    if len(reply) > MOST_CHARACTERS:
        reply = f"{reply[:MOST_CHARACTERS]} ... ({len(reply) - MOST_CHARACTERS} more characters)"
    match item.legality:
        case None:
            return ProposalText(item.proposal.by, "no plan", item.proposal.error, reply)
        case Proved():
            return ProposalText(item.proposal.by, legality_word(item.legality), "", reply)
        case Refuted(code=code, reason=reason) | Undecided(code=code, reason=reason):
            return ProposalText(item.proposal.by, f"{legality_word(item.legality)} {code}", reason, reply)
