"""The first things that a report says: headline figures, and the machine."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core import paper
from loopwright.core.campaign import MethodKind
from loopwright.core.metrics import Rate
from loopwright.core.summary import MethodRow, Summary
from loopwright.render.bench_speed import own_cells
from loopwright.render.metric_cells import short_method
from loopwright.render.quantities import bytes_text, rate_of, share_text, speedup_text, threads_text
from loopwright.render.tables import Column, Table, TableCell, text_cell
from loopwright.render.wording import counted


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
    correct = _delivered(summary)
    found = [
        Headline(
            f"{counts.evaluations:,}",
            f"evaluations ({counts.plans} plans, {counts.baselines} of baselines) on {len(summary.kernels)} kernels; "
            f"the paper: {paper.EVALUATIONS}",
        )
    ]
    best = _best_own(summary)
    if best is not None:
        threads = threads_text(summary.all_threads.threads)
        mean, top = speedup_text(best.everywhere.mean), speedup_text(best.applicable.best)
        found += [
            Headline(
                speedup_text(best.everywhere.geometric_mean),
                f"geometric mean over all kernels with {threads}, by {short_method(best.method)}",
            ),
            Headline(mean, f"arithmetic mean of the same; best on {best.applicable.best_on}: {top}"),
        ]
    share = correct.passed / correct.reached if correct.reached else None
    lost = f"certain {'loss' if losses == 1 else 'losses'} among {len(cells)} results of loopwright"
    return (
        *found,
        Headline(
            share_text(share),
            f"of what was delivered and timed is right ({correct.passed} of {correct.reached})",
            share is not None and share < 1.0,
        ),
        Headline(
            f"{losses}",
            f"{lost}; {counted(counts.objected, 'objection')} and {counted(counts.failed, 'failure')} over all methods",
            losses > 0,
        ),
    )


def _best_own(summary: Summary) -> MethodRow | None:
    own = [row for row in summary.all_threads.rows if row.kind is MethodKind.LOOPWRIGHT]
    return max(own, key=lambda row: (row.everywhere.geometric_mean or 0.0, row.method), default=None)


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
