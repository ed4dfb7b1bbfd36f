"""The paper's tables with our figures beside its claims."""

from __future__ import annotations

from loopwright.core import paper
from loopwright.core.campaign import MethodKind
from loopwright.core.counted import counted
from loopwright.core.summary import Summary
from loopwright.render.metric_cells import (
    claim_cell,
    promise_cell,
    rate_cell,
    row_cell,
    score_cell,
    seconds_cell,
    share_cell,
    speed_cell,
    speed_cells,
)
from loopwright.render.tables import NOTHING, Column, Table, TableCell, Tone, text_cell

HERE = "measured here"
CLAIM = "paper's claim"

INTRODUCTION = (
    f"The reference is {paper.SOURCE}, '{paper.TITLE}'. Figures marked as the paper's claim are its own: they come "
    f"from another machine and other compilers ({paper.BASELINE}), no code was published, and we did not measure "
    "them. They stand beside ours and are not compared with them."
)
FURTHER_CLAIMS = f"Further claims of the paper: {'; '.join(paper.SCALING)}."

_SOURCE = Column("Whose figures")


def paper_tables(summary: Summary) -> tuple[Table, ...]:
    """Return its tables of models, strategies, methods and correctness."""
    return (models_table(summary), strategies_table(summary), methods_table(summary), correctness_table(summary))


def models_table(summary: Summary) -> Table:
    """Return the paper's table of models with our rows above its own."""
    ours = [
        (
            text_cell(item.model),
            text_cell(HERE),
            *speed_cells(item.speedups),
            score_cell(item.quality.f1),
            seconds_cell(item.cost.response_mean_s),
        )
        for item in summary.by_model
    ]
    claims = [
        (
            text_cell(item.model),
            text_cell(CLAIM, Tone.MUTED),
            claim_cell(item.mean),
            NOTHING,
            claim_cell(item.best),
            score_cell(item.quality),
            seconds_cell(item.response_s),
        )
        for item in paper.MODELS
    ]
    return Table(
        "models",
        "Models",
        "Over all kernels and strategies; a kept original is 1. The paper does not define its analysis quality; ours "
        "is the F1 score of the plans' claims against exact analysis.",
        (
            Column("Model"),
            _SOURCE,
            Column("Mean speed-up", True),
            Column("Geometric mean", True),
            Column("Best", True),
            Column("Analysis quality", True, "F1"),
            Column("Response", True, "mean of one call"),
        ),
        (*ours, *claims),
        frozenset(range(len(ours))),
    )


def strategies_table(summary: Summary) -> Table:
    """Return the paper's table of strategies, our figures and its claims side by side."""
    ours = {item.strategy: item for item in summary.by_strategy}
    claims = {item.strategy: item for item in paper.STRATEGIES}
    rows: list[tuple[TableCell, ...]] = []
    for name in (*claims, *(name for name in ours if name not in claims)):
        mine, theirs = ours.get(name), claims.get(name)
        rows.append(
            (
                text_cell(name),
                speed_cell(mine.speedups.mean if mine else None),
                speed_cell(mine.speedups.geometric_mean if mine else None),
                rate_cell(mine.kernel_success) if mine else NOTHING,
                score_cell(mine.quality.f1 if mine else None),
                claim_cell(theirs.mean if theirs else None),
                share_cell(theirs.success if theirs else None),
                score_cell(theirs.quality if theirs else None),
            )
        )
    return Table(
        "strategies",
        "Strategies",
        "Over all kernels and all models that were asked. Success: a plan of the model's own was legal, passed every "
        "check and was measured faster.",
        (
            Column("Strategy"),
            Column("Mean speed-up", True, HERE),
            Column("Geometric mean", True, HERE),
            Column("Success", True, f"{HERE}, kernels"),
            Column("Analysis quality", True, f"{HERE}, F1"),
            Column("Mean speed-up", True, CLAIM),
            Column("Success", True, CLAIM),
            Column("Analysis quality", True, CLAIM),
        ),
        tuple(rows),
    )


def methods_table(summary: Summary) -> Table:
    """Return the paper's table of methods with our rows above its own."""
    table = summary.all_threads
    ours = [
        (
            row_cell(row),
            text_cell(HERE),
            speed_cell(row.everywhere.mean),
            speed_cell(row.everywhere.geometric_mean),
            speed_cell(row.applicable.mean),
            speed_cell(row.applicable.best, row.applicable.best_on),
        )
        for row in table.rows
    ]
    claims = [
        (
            text_cell(item.method),
            text_cell(CLAIM, Tone.MUTED),
            claim_cell(item.mean),
            NOTHING,
            NOTHING,
            claim_cell(item.best, item.best_on),
        )
        for item in paper.METHODS
    ]
    return Table(
        "methods",
        "Methods",
        f"Over all of {counted(len(table.fields), 'kernel')}, one without a speed-up that counts being 1; and over "
        "those where the method applies. On how many kernels the paper's means rest is not said for each method.",
        (
            Column("Method"),
            _SOURCE,
            Column("Mean speed-up", True),
            Column("Geometric mean", True),
            Column("Mean speed-up", True, "where it applies"),
            Column("Best", True),
        ),
        (*ours, *claims),
        frozenset(index for index, row in enumerate(table.rows) if row.kind is MethodKind.LOOPWRIGHT),
    )


def correctness_table(summary: Summary) -> Table:
    """Return the paper's table of correctness with our rates of proposals above its own."""
    ours = [
        (
            text_cell(item.model),
            text_cell(HERE),
            rate_cell(item.verified),
            rate_cell(item.race_free),
            rate_cell(item.memory_safe),
            rate_cell(item.sanitizer_pass),
            promise_cell(item.delivered_correct),
        )
        for item in summary.by_model
    ]
    claims = [
        (
            text_cell(item.method),
            text_cell(CLAIM, Tone.MUTED),
            *(share_cell(value) for value in (item.verified, item.race_free, item.memory_safe, item.sanitizer_pass)),
            NOTHING,
        )
        for item in paper.CORRECTNESS
    ]
    return Table(
        "correctness",
        "Correctness",
        "The first four are rates of proposals: a plan that never got as far as a check counts as not passed; "
        "beside them, the share of the plans on which it was run. "
        "Delivered: what users get was right in every field that it was run in; anything but 100% is a bug of "
        "loopwright.",
        (
            Column("Proposer"),
            _SOURCE,
            Column("Verified", True, "same results"),
            Column("Race-free", True),
            Column("Memory-safe", True),
            Column("Sanitizers passed", True),
            Column("Delivered correct", True),
        ),
        (*ours, *claims),
        frozenset(range(len(ours))),
    )
