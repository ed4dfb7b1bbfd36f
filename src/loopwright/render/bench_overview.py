"""The first things that a report says: headline figures, and the machine."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core import paper
from loopwright.core.campaign import MethodKind, method_name
from loopwright.core.counted import counted
from loopwright.core.metrics import Rate
from loopwright.core.summary import CellState, Summary
from loopwright.render.bench_speed import own_cells, tables_of
from loopwright.render.metric_cells import short_method
from loopwright.render.quantities import bytes_text, rate_of, share_text, speedup_text, threads_text
from loopwright.render.tables import Column, Table, TableCell, text_cell


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure that a reader should see first, with what it is, and whether it is as it must be."""

    figure: str
    words: str
    is_bad: bool = False


def headlines(summary: Summary) -> tuple[Headline, ...]:
    """Return the figures that a reader should see first; none without what is bad about them."""
    counts = summary.counts
    cells = own_cells(summary)
    losses = sum(cell.is_loss for cell in cells)
    words = f"{'evaluation' if counts.evaluations == 1 else 'evaluations'} ({counted(counts.plans, 'plan')}"
    numbers = " and ".join(threads_text(table.threads) for table in tables_of(summary))
    lost = f"certain {'loss' if losses == 1 else 'losses'} among {counted(len(cells), 'result')} of loopwright"
    return (
        Headline(
            f"{counts.evaluations:,}",
            f"{words}, {counts.baselines} of baselines) on {counted(len(summary.kernels), 'kernel')}; "
            f"the paper: {paper.EVALUATIONS}",
        ),
        *_own(summary),
        Headline(
            f"{losses}",
            f"{lost} with {numbers}; {counted(counts.objected, 'objection')} and {counted(counts.failed, 'failure')} "
            "over all methods",
            losses > 0,
        ),
        *_unfinished(summary),
    )


def _own(summary: Summary) -> tuple[Headline, ...]:
    """Return how fast and how right what loopwright delivered is; in words where it delivered nothing."""
    if not summary.counts.plans:
        return ()
    correct = _delivered(summary)
    if not correct.total:
        return (
            Headline("0", f"nests delivered by {counted(summary.counts.plans, 'plan')}: every kernel stays as it was"),
        )
    if correct.share_of_judged is None:
        right = Headline("0", f"of {counted(correct.total, 'delivery', 'deliveries')} were timed")
    else:
        words = f"of what was delivered and timed is right ({correct.passed} of {correct.reached})"
        right = Headline(share_text(correct.share_of_judged), words, correct.share_of_judged < 1.0)
    return (*_means(summary), right)


def _means(summary: Summary) -> tuple[Headline, ...]:
    own = [row for row in summary.all_threads.rows if row.kind is MethodKind.LOOPWRIGHT]
    wins = {method_name(item.model, item.strategy): item.kernel_success.passed for item in summary.proposers}
    ordered = sorted(
        own, key=lambda row: (-(row.everywhere.geometric_mean or 0.0), -wins.get(row.method, 0), row.method)
    )
    if not ordered:
        return ()
    best = ordered[0]
    others = sum(row.everywhere.geometric_mean == best.everywhere.geometric_mean for row in ordered) - 1
    by = short_method(best.method) + (f" and {counted(others, 'other')}" if others else "")
    threads = threads_text(summary.all_threads.threads)
    words = "arithmetic mean of the same"
    # A kept original is 1, and no delivery is the best of anything on it.
    timed = [cell for cell in best.cells if cell.state is CellState.MEASURED and cell.speedup is not None]
    if timed:
        top = max(timed, key=lambda cell: (cell.speedup or 0.0, cell.kernel))
        words += f"; best on {top.kernel}: {speedup_text(top.speedup)}"
    return (
        Headline(
            speedup_text(best.everywhere.geometric_mean), f"geometric mean over all kernels with {threads}, by {by}"
        ),
        Headline(speedup_text(best.everywhere.mean), words),
    )


def _unfinished(summary: Summary) -> tuple[Headline, ...]:
    number = summary.counts.unfinished
    if not number:
        return ()
    words = "task failed and has no result" if number == 1 else "tasks failed and have no result"
    return (Headline(f"{number}", f"{words}: they are in no figure; the reasons are listed below", True),)


def _delivered(summary: Summary) -> Rate:
    rates = [item.delivered_correct for item in summary.by_model]
    return Rate(
        sum(rate.passed for rate in rates), sum(rate.total for rate in rates), sum(rate.reached for rate in rates)
    )


def machine_line(summary: Summary) -> str:
    """Return the machine on one line."""
    machine = summary.host.environment
    if machine is None:
        return f"host {summary.host.id}"
    return f"{machine.cpu}, {counted(machine.cores, 'core')}, {machine.system}"


def host_table(summary: Summary) -> Table:
    """Return the machine, its compilers and its measured peaks."""
    host = summary.host
    rows: list[tuple[str, str]] = [("Name in the store", host.id)]
    if host.environment is not None:
        machine = host.environment
        caches = ", ".join(
            f"{name} {bytes_text(size)}"
            for name, size in (("L1d", machine.l1d_bytes), ("L2", machine.l2_bytes), ("L3", machine.l3_bytes))
            if size
        )
        rows += [
            ("Processor", f"{machine.cpu}, {machine.cores} core" + ("s" if machine.cores != 1 else "")),
            ("Caches", caches or "-"),
            ("Memory", bytes_text(machine.memory_bytes)),
            ("System", machine.system),
        ]
        rows += [("Compiler", compiler.version) for compiler in machine.compilers]
        rows += [("Missing", missing) for missing in machine.missing]
    rows += [
        (
            f"Peak, {threads_text(peak.threads)}",
            f"{rate_of(peak.bytes_per_s, 'B/s')}, {rate_of(peak.double_flop_per_s, 'FLOP/s')} double, "
            f"{rate_of(peak.single_flop_per_s, 'FLOP/s')} single precision",
        )
        for peak in host.peaks
    ]
    rows.append(("loopwright", summary.version))
    return Table(
        "host",
        "Host and versions",
        "Peaks are measured: a triad beyond the last cache, and fused multiply-adds in registers.",
        (Column("What"), Column("Value")),
        tuple((TableCell(name), text_cell(value)) for name, value in rows),
    )
