"""Kernel x method: what is known of each pair, and the means of each method."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from loopwright.campaign.metrics import speedups_of
from loopwright.campaign.records import HostRecords
from loopwright.core.campaign import MethodKind, PlanOutcome, Timing
from loopwright.core.summary import Cell, CellState, FieldFacts, MethodRow, SpeedUpTable

_KINDS = tuple(MethodKind)


def speedup_table(records: HostRecords, threads: int) -> SpeedUpTable:
    """Return the table of the fields with ``threads`` threads at the quoted sizes.

    Args:
        records: Of one host.
        threads: Of the fields.
    """
    fields = {kernel: records.field(kernel, records.quoted_sizes(kernel), threads) for kernel in records.kernels}
    kinds = {timing.method: timing.kind for timing in records.timings}
    kinds |= {plan.method: MethodKind.LOOPWRIGHT for plan in records.plans}
    methods = sorted(kinds, key=lambda method: (_KINDS.index(kinds[method]), method))
    rows: list[MethodRow] = []
    for method in methods:
        cells = tuple(_cell(records, kernel, method, fields[kernel].get(method)) for kernel in records.kernels)
        if any(cell.state is not CellState.MISSING for cell in cells):
            rows.append(_row(method, kinds[method], cells))
    facts = tuple(_facts(records, kernel, threads) for kernel in records.kernels)
    return SpeedUpTable(threads, facts, tuple(rows))


def _cell(records: HostRecords, kernel: str, method: str, timing: Timing | None) -> Cell:
    plans = [plan for plan in records.plans if (plan.kernel, plan.method) == (kernel, method)]
    return Cell(kernel, method, _state(plans, timing), timing)


def _state(plans: Sequence[PlanOutcome], timing: Timing | None) -> CellState:
    # A file that is the original takes no part in a field; a timing beside it is of an older delivery.
    if plans and not any(plan.is_delivered for plan in plans):
        return CellState.KEPT
    if timing is None:
        return CellState.MISSING
    if timing.objections:
        return CellState.OBJECTED
    if timing.series is not None:
        return CellState.MEASURED
    return CellState.FAILED if timing.failure is not None else CellState.INAPPLICABLE


def _row(method: str, kind: MethodKind, cells: tuple[Cell, ...]) -> MethodRow:
    timings = [cell.timing for cell in cells if cell.timing is not None]
    timed = [timing for timing in timings if timing.series is not None]
    applicable = speedups_of(cells, everywhere=False)
    return MethodRow(
        method=method,
        kind=kind,
        label=next((timing.label for timing in timings if timing.label), ""),
        cells=cells,
        applicable=applicable,
        everywhere=speedups_of(cells, everywhere=True) if applicable.values else applicable,
        compile_mean_s=fmean(timing.compile_s for timing in timed) if timed else None,
        peak_bytes=max((timing.peak_bytes for timing in timed), default=0),
    )


def _facts(records: HostRecords, kernel: str, threads: int) -> FieldFacts:
    sizes = records.quoted_sizes(kernel)
    field = records.field(kernel, sizes, threads)
    baseline = next((timing.baseline for timing in field.values() if timing.baseline), "")
    timed = field.get(baseline)
    seconds = timed.series.median_s if timed is not None and timed.series is not None else 0.0
    return FieldFacts(kernel, sizes, threads, baseline, seconds)
