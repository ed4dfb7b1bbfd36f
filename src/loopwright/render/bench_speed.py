"""Tables of speed-ups: kernel x method, what each is measured against, losses, objections."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.core.campaign import MethodKind
from loopwright.core.counted import counted
from loopwright.core.summary import Cell, CellState, Curve, MethodRow, RooflinePoint, SpeedUpTable, Summary
from loopwright.render.metric_cells import method_cell, row_cell, seconds_cell, short_method, speed_cell
from loopwright.render.quantities import (
    rate_of,
    sizes_text,
    speedup_text,
    spread_text,
    threads_text,
    traffic_text,
)
from loopwright.render.tables import NOTHING, Column, Table, TableCell, Tone, text_cell
from loopwright.render.wording import duration_text

LOSS = "▼"
WIN = "▲"

LEGEND = (
    "Each cell: median speed-up over the best serial build of the same field, and its 95% interval. "
    f"{WIN} the interval lies wholly above 1; {LOSS} wholly below: a loss. Fewer than 6 samples have no interval, and "
    "are neither. kept: loopwright delivers the original, which counts as 1. objected: timed, but a check speaks "
    "against it, so it counts in no mean. n/a: it cannot express the kernel, or is not installed."
)


def speedup_table(table: SpeedUpTable) -> Table:
    """Return the table of kernel x method with its means."""
    number = len(table.fields)
    columns = (
        Column("Method"),
        Column("Geom. mean", True, "where it applies"),
        Column("Geom. mean", True, f"all {number}"),
        Column("Mean", True, "where it applies"),
        Column("Mean", True, f"all {number}"),
        *(Column(field.kernel, True, sizes_text(field.sizes)) for field in table.fields),
    )
    return Table(
        id=f"speedups-{table.threads}",
        title=f"Speed-ups with {threads_text(table.threads)}",
        caption=f"{LEGEND} Where it applies: over the kernels where the speed-up counts. All {number}: a kernel "
        "without one counts as 1.",
        columns=columns,
        rows=tuple(_row(row) for row in table.rows),
        emphasised=_own_rows(table),
    )


def _row(row: MethodRow) -> tuple[TableCell, ...]:
    count = len(row.applicable.values)
    return (
        row_cell(row),
        speed_cell(row.applicable.geometric_mean, counted(count, "kernel")),
        speed_cell(row.everywhere.geometric_mean),
        speed_cell(row.applicable.mean),
        speed_cell(row.everywhere.mean),
        *(speedup_cell(cell) for cell in row.cells),
    )


def speedup_cell(cell: Cell) -> TableCell:
    """Return what is known of one method on one kernel."""
    timing = cell.timing
    match cell.state:
        case CellState.KEPT:
            return TableCell("kept", 1.0, tone=Tone.MUTED, note="the original is delivered")
        case CellState.MISSING:
            return TableCell("", tone=Tone.MUTED, note="not tried")
        case CellState.INAPPLICABLE:
            return TableCell("n/a", tone=Tone.MUTED, note=cell.why)
        case CellState.FAILED:
            code = timing.failure.value if timing is not None and timing.failure is not None else ""
            return TableCell("failed", detail=code, tone=Tone.WARNING, note=cell.why)
        case CellState.OBJECTED:
            seen = speedup_text(timing.median) if timing is not None and timing.series is not None else ""
            return TableCell("objected", detail=f"({seen})" if seen else "", tone=Tone.WARNING, note=cell.why)
        case CellState.MEASURED:
            if timing is None or cell.speedup is None:
                return TableCell("timed", tone=Tone.MUTED, note="no serial build to compare with")
            mark, tone = ("", Tone.PLAIN)
            if cell.is_loss:
                mark, tone = f"{LOSS} ", Tone.BAD
            elif cell.is_win:
                mark, tone = f"{WIN} ", Tone.GOOD
            spread = spread_text(timing) + (f"; same build as {cell.same_as}" if cell.same_as else "")
            return TableCell(f"{mark}{speedup_text(timing.median)}", timing.median, spread, tone, timing.label)


def fields_table(table: SpeedUpTable) -> Table:
    """Return what each kernel's speed-ups are measured against."""
    columns = (Column("Kernel"), Column("Sizes"), Column("Best serial build"), Column("Its time", True))
    rows = tuple(
        (
            text_cell(field.kernel),
            text_cell(sizes_text(field.sizes)),
            text_cell(field.baseline),
            seconds_cell(field.baseline_s),
        )
        for field in table.fields
    )
    return Table(
        f"fields-{table.threads}",
        f"Fields with {threads_text(table.threads)}",
        "All methods of a field run on the same inputs, interleaved. The best serial build is the one of gcc and clang "
        "with the smallest median in these very rounds, the luckier of two that are close: speed-ups near 1 are biased "
        "downwards. The median of the other one's paired ratios can lie above 1 all the same.",
        columns,
        rows,
    )


def losses_table(summary: Summary) -> Table:
    """Return every method that is certainly slower than the best serial build, loopwright's first."""
    tables = tables_of(summary)
    kinds = {row.method: row.kind for table in tables for row in table.rows}
    losses = [
        (table.threads, cell)
        for table in tables
        for cell in table.cells
        if (cell.is_loss or _may_be_loss(cell)) and kinds[cell.method] is not MethodKind.SERIAL
    ]
    losses.sort(
        key=lambda pair: (
            pair[1].interval is None,
            kinds[pair[1].method] is not MethodKind.LOOPWRIGHT,
            -pair[0],
            pair[1].speedup or 0.0,
        )
    )
    rows = tuple(
        (
            text_cell(cell.kernel),
            method_cell(cell.method, kinds[cell.method]),
            TableCell(str(threads), threads),
            speedup_cell(cell),
        )
        for threads, cell in losses
    )
    return Table(
        "losses",
        "Losses, one by one",
        "Intervals that lie wholly below 1, loopwright's own first; then what was slower in too few rounds for an "
        "interval, which is not certain. Serial builds are left out, and what is the same build as one of them: it "
        "differs by chance alone.",
        (Column("Kernel"), Column("Method"), Column("Threads", True), Column("Speed-up", True)),
        rows,
        frozenset(index for index, (_, cell) in enumerate(losses) if kinds[cell.method] is MethodKind.LOOPWRIGHT),
    )


def _may_be_loss(cell: Cell) -> bool:
    """Return True if a method was slower in too few rounds to be sure."""
    is_slower = cell.state is CellState.MEASURED and cell.speedup is not None and cell.speedup < 1.0
    return is_slower and cell.interval is None and not cell.same_as


def outcomes_table(table: SpeedUpTable) -> Table:
    """Return how often each method wins, loses, or is not comparable."""
    titles = (
        "Wins",
        "Within noise",
        "Losses",
        "No interval",
        "Kept",
        "Objected",
        "Failed",
        "Not applicable",
        "Not tried",
    )
    rows = tuple((row_cell(row), *_outcomes(row)) for row in table.rows)
    return Table(
        f"outcomes-{table.threads}",
        f"Wins and losses with {threads_text(table.threads)}",
        "Number of kernels. A win lies wholly above 1, a loss wholly below; within noise, the interval holds 1, or the "
        "build is that of a serial method. No interval: fewer than 6 samples, so neither.",
        (Column("Method"), *(Column(title, True) for title in titles)),
        rows,
        _own_rows(table),
    )


def _outcomes(row: MethodRow) -> tuple[TableCell, ...]:
    measured = sum(cell.state is CellState.MEASURED for cell in row.cells)
    wins, losses = sum(cell.is_win for cell in row.cells), sum(cell.is_loss for cell in row.cells)
    others = (CellState.KEPT, CellState.OBJECTED, CellState.FAILED, CellState.INAPPLICABLE, CellState.MISSING)
    unknown = sum(cell.state is CellState.MEASURED and cell.interval is None for cell in row.cells)
    counts = [wins, measured - wins - losses - unknown, losses, unknown]
    counts += [sum(cell.state is state for cell in row.cells) for state in others]
    tones = (
        Tone.GOOD,
        Tone.PLAIN,
        Tone.BAD,
        Tone.PLAIN,
        Tone.PLAIN,
        Tone.WARNING,
        Tone.WARNING,
        Tone.PLAIN,
        Tone.PLAIN,
    )
    return tuple(
        TableCell(str(count), count, tone=tone if count else Tone.MUTED)
        for count, tone in zip(counts, tones, strict=True)
    )


def _own_rows(table: SpeedUpTable) -> frozenset[int]:
    return frozenset(index for index, row in enumerate(table.rows) if row.kind is MethodKind.LOOPWRIGHT)


def own_cells(summary: Summary) -> tuple[Cell, ...]:
    """Return loopwright's cells that were tried, in the table with all threads and in that with one."""
    return tuple(
        cell
        for table in tables_of(summary)
        for row in table.rows
        if row.kind is MethodKind.LOOPWRIGHT
        for cell in row.cells
        if cell.state is not CellState.MISSING
    )


def tables_of(summary: Summary) -> tuple[SpeedUpTable, ...]:
    """Return the tables that there are: with all threads, then with one."""
    return tuple(table for table in (summary.all_threads, summary.one_thread) if table is not None)


def objections_table(summary: Summary) -> Table:
    """Return every timing with an objection or a failure, in all fields, with the reason in full."""
    found = [timing for timing in summary.timings if timing.objections or timing.failure is not None]
    rows = [
        (
            text_cell(timing.kernel),
            text_cell(short_method(timing.method)),
            text_cell(sizes_text(timing.sizes)),
            TableCell(str(timing.threads), timing.threads),
            text_cell("objected" if timing.objections else f"failed {timing.failure}", Tone.WARNING),
            text_cell("; ".join(timing.objections) or timing.reason),
        )
        for timing in found
    ]
    rows += [
        (text_cell(label), NOTHING, NOTHING, NOTHING, text_cell("no result", Tone.WARNING), text_cell(_first(reason)))
        for label, reason in summary.unfinished
    ]
    columns = ("Kernel or task", "Method", "Sizes", "Threads", "What", "Why")
    return Table(
        "objections",
        "Objections and failures",
        "What a method's own checks have against it, what gave no times, and tasks that gave no result.",
        tuple(Column(title, title == "Threads") for title in columns),
        tuple(rows),
    )


def _first(text: str) -> str:
    return text.strip().partition("\n")[0]


def inapplicable_table(summary: Summary) -> Table:
    """Return per method and reason the kernels on which it was not run."""
    groups: dict[tuple[str, str], list[str]] = {}
    for cell in summary.all_threads.cells:
        if cell.state is CellState.INAPPLICABLE:
            groups.setdefault((cell.method, cell.why), []).append(cell.kernel)
    rows = tuple(
        (text_cell(short_method(method)), text_cell(_kernels(kernels, summary)), text_cell(why))
        for (method, why), kernels in groups.items()
    )
    return Table(
        "inapplicable",
        "Not applicable, or not installed",
        "These count as 1 in the means over all kernels, and in no other mean.",
        (Column("Method"), Column("Kernels"), Column("Why")),
        rows,
    )


def _kernels(kernels: list[str], summary: Summary) -> str:
    return f"all {len(kernels)}" if len(kernels) == len(summary.kernels) else ", ".join(kernels)


def roofline_table(points: Iterable[RooflinePoint]) -> Table:
    """Return the position of every method of every kernel."""
    rows = tuple(
        (
            text_cell(point.kernel),
            text_cell(short_method(point.method)),
            TableCell(str(point.threads), point.threads),
            TableCell(duration_text(point.elapsed_s), point.elapsed_s),
            TableCell(traffic_text(point.work.compulsory_bytes), point.work.compulsory_bytes),
            TableCell(_intensity(point.intensity), point.intensity),
            TableCell(rate_of(point.flop_per_s, "FLOP/s"), point.flop_per_s),
            TableCell(rate_of(point.bytes_per_s, "B/s"), point.bytes_per_s),
        )
        for point in points
    )
    columns = (
        Column("Kernel"),
        Column("Method"),
        Column("Threads", True),
        Column("Time", True),
        Column("Compulsory bytes", True, "each array element that is touched, once"),
        Column("FLOP per byte", True),
        Column("Operations", True),
        Column("Compulsory traffic", True),
    )
    caption = (
        "Work is counted from the nest; bytes are compulsory traffic, so a method that reads data twice from memory is "
        "nearer to its roof than it seems. Times are medians over all rounds, speed-ups medians of the ratios of each "
        "round: the quotient of two times here need not be the speed-up exactly."
    )
    return Table("roofline", "Roofline", caption, columns, rows)


def _intensity(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def curves_table(id: str, title: str, curves: tuple[Curve, ...], *, by_threads: bool) -> Table:
    """Return the points of scaling curves; with ``by_threads`` the efficiency, too."""
    rows: list[tuple[TableCell, ...]] = []
    for curve in curves:
        for timing in curve.points:
            cell = TableCell(speedup_text(timing.median), timing.median, spread_text(timing))
            where = (text_cell(sizes_text(timing.sizes)), TableCell(str(timing.threads), timing.threads))
            row = (text_cell(curve.kernel), text_cell(short_method(curve.method)), *where, cell)
            if by_threads:
                share = curve.efficiency(timing)
                row = (*row, NOTHING if share is None else TableCell(f"{100 * share:.0f}%", share))
            rows.append(row)
    columns = [Column("Kernel"), Column("Method"), Column("Sizes"), Column("Threads", True), Column("Speed-up", True)]
    caption = "Speed-up over the best serial build of the same field."
    if by_threads:
        columns.append(Column("Efficiency", True))
        caption += (
            " Efficiency: this speed-up over the speed-up with one thread times the number of threads. Each of the two "
            "is over the best serial build of its own field, so there is no interval; and none of it where it cannot "
            "be told that both ran the same code."
        )
    return Table(id, title, caption, tuple(columns), tuple(rows))
