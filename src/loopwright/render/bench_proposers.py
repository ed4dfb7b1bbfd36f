"""Tables of who proposes: speed-ups and success, what became of proposals, rates, cost."""

from __future__ import annotations

from loopwright.core.metrics import ProposerMetrics
from loopwright.core.summary import Summary
from loopwright.render.metric_cells import (
    bytes_cell,
    count_cell,
    promise_cell,
    rate_cell,
    row_cell,
    score_cell,
    seconds_cell,
    speed_cells,
)
from loopwright.render.tables import NOTHING, Column, Table, TableCell, text_cell

MOST_FAULTS = 5
_WHO = (Column("Model"), Column("Strategy"))


def proposer_tables(summary: Summary) -> tuple[Table, ...]:
    """Return every table per model and strategy."""
    return (proposers_table(summary), proposals_table(summary), rates_table(summary), costs_table(summary))


def proposers_table(summary: Summary) -> Table:
    """Return speed-ups, success and analysis quality per model and strategy."""
    rows = tuple(
        (
            *_who(item),
            *speed_cells(item.speedups),
            rate_cell(item.kernel_success),
            rate_cell(item.nest_success),
            score_cell(item.quality.f1),
            score_cell(item.quality.precision),
            score_cell(item.quality.recall),
        )
        for item in summary.proposers
    )
    return Table(
        "proposers",
        "Speed-up, success, analysis quality",
        "The heuristic always proposes, too, so a weak model costs time, not speed. Kernels and nests are won by the "
        "model's own plans alone. F1, precision and recall are of the plans' claims about loops, reductions and "
        "private variables.",
        (
            *_WHO,
            Column("Mean speed-up", True),
            Column("Geometric mean", True),
            Column("Best", True),
            Column("Kernels won", True, "by its own plan"),
            Column("Nests won", True, "by its own plan"),
            Column("F1", True),
            Column("Precision", True),
            Column("Recall", True),
        ),
        rows,
    )


def proposals_table(summary: Summary) -> Table:
    """Return what became of the proposals."""
    rows = tuple(
        (
            *_who(item),
            count_cell(item.proposals.total),
            count_cell(item.proposals.unreadable),
            count_cell(item.proposals.empty),
            count_cell(item.proposals.refuted),
            count_cell(item.proposals.undecided),
            count_cell(item.proposals.proved),
            text_cell(", ".join(f"{code} {number}" for code, number in item.faults[:MOST_FAULTS])),
        )
        for item in summary.proposers
    )
    return Table(
        "proposals",
        "What became of proposals",
        "Each proposal is one of: unreadable, empty (keep the original), or, by legality, refuted, undecided or "
        "proved. Stopped by: the reason codes met most often, with their number; docs/codes.md explains them.",
        (
            *_WHO,
            *(Column(title, True) for title in ("Proposals", "Unreadable", "Empty", "Refuted", "Undecided", "Proved")),
            Column("Stopped by"),
        ),
        rows,
    )


def rates_table(summary: Summary) -> Table:
    """Return the rates of proposals, and delivered correctness."""
    rows = tuple(
        (
            *_who(item),
            rate_cell(item.legal),
            rate_cell(item.verified),
            rate_cell(item.race_free),
            rate_cell(item.memory_safe),
            rate_cell(item.sanitizer_pass),
            promise_cell(item.delivered_correct),
        )
        for item in summary.proposers
    )
    return Table(
        "rates",
        "Rates of proposals, and of deliveries",
        "Of the plans that change something; one on which the check was not run counts as not passed. Judged: those on "
        "which it was run, and the share of them that passed. "
        "Delivered correct: of the deliveries that were timed.",
        (
            *_WHO,
            Column("Proved legal", True),
            Column("Verified", True, "same results"),
            Column("Race-free", True),
            Column("Memory-safe", True),
            Column("Sanitizers passed", True),
            Column("Delivered correct", True),
        ),
        rows,
    )


def costs_table(summary: Summary) -> Table:
    """Return time, tokens and memory per model and strategy."""
    rows = tuple(
        (
            *_who(item),
            count_cell(item.cost.calls),
            seconds_cell(item.cost.response_mean_s),
            seconds_cell(item.cost.response_median_s),
            count_cell(item.cost.prompt_tokens),
            count_cell(item.cost.completion_tokens),
            seconds_cell(item.cost.optimize_mean_s),
            bytes_cell(item.cost.peak_bytes),
        )
        for item in summary.proposers
    )
    return Table(
        "costs",
        "Time, tokens, memory",
        "Optimize: one kernel from source to patch, with all compiles, checks and measurements. Memory is of the "
        "model's process.",
        (
            *_WHO,
            Column("Calls", True),
            Column("Response", True, "mean"),
            Column("Response", True, "median"),
            Column("Prompt tokens", True),
            Column("Reply tokens", True),
            Column("Optimize", True, "mean"),
            Column("Memory", True),
        ),
        rows,
    )


def making_table(summary: Summary) -> Table:
    """Return what it takes to make each method's code, and its memory."""
    rows = tuple(
        (row_cell(row), text_cell(row.label), made, bytes_cell(row.peak_bytes))
        for row in summary.all_threads.rows
        if (made := seconds_cell(row.compile_mean_s)) is not NOTHING or row.peak_bytes
    )
    return Table(
        "making",
        "Compile time and memory of every method",
        "Mean time to make the code of one kernel, tuning included; largest memory of a process that ran it.",
        (Column("Method"), Column("What"), Column("Compile time", True), Column("Memory", True)),
        rows,
    )


def _who(item: ProposerMetrics) -> tuple[TableCell, TableCell]:
    return text_cell(item.model), text_cell(item.strategy)
