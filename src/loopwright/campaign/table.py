"""Kernel x method: what is known of each pair, and the means of each method."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from loopwright.baselines.polly_effect import UNCHANGED
from loopwright.campaign.metrics import speedups_of
from loopwright.campaign.records import HostRecords
from loopwright.core.campaign import MethodKind, PlanOutcome, Timing
from loopwright.core.summary import Cell, CellState, FieldFacts, MethodRow, SpeedUpTable

_KINDS = tuple(MethodKind)
# A label and, in brackets, what was found out about one kernel.
_REMARK = re.compile(r"(.*?)( \([^()]*\))?", re.DOTALL)


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
        cells = tuple(_cell(records, kernel, method, fields[kernel]) for kernel in records.kernels)
        if any(cell.state is not CellState.MISSING for cell in cells):
            rows.append(_row(method, kinds[method], cells))
    facts = tuple(_facts(records, kernel, threads) for kernel in records.kernels)
    return SpeedUpTable(threads, facts, tuple(rows))


def _cell(records: HostRecords, kernel: str, method: str, field: Mapping[str, Timing]) -> Cell:
    plans = [plan for plan in records.plans if (plan.kernel, plan.method) == (kernel, method)]
    timing = field.get(method)
    return Cell(kernel, method, _state(plans, timing), timing, _same_as(timing, field))


def _same_as(timing: Timing | None, field: Mapping[str, Timing]) -> str:
    """Return the serial method of ``field`` whose code a compiler's is: by the same command, or compared."""
    if timing is None or timing.kind is not MethodKind.COMPILER or not timing.label:
        return ""
    serial = (other for other in field.values() if other.kind is MethodKind.SERIAL)
    return next((other.method for other in serial if other.label and _is_build(timing.label, other.label)), "")


def _is_build(label: str, serial: str) -> bool:
    """Return True if the builds of two labels have the same code of the kernel's file."""
    return label == serial or (label.startswith(f"{serial} ") and label.endswith(f"({UNCHANGED})"))


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
        label=shared_label(timing.label for timing in timings if timing.series is not None and timing.label),
        cells=cells,
        applicable=applicable,
        everywhere=speedups_of(cells, everywhere=True) if applicable.values else applicable,
        compile_mean_s=fmean(timing.compile_s for timing in timed) if timed else None,
        peak_bytes=max((timing.peak_bytes for timing in timed), default=0),
    )


def shared_label(labels: Iterable[str]) -> str:
    """Return what is the same in all ``labels``: their first and last common words, with dots for what differs between.

    >>> shared_label(["expert.c, gcc 12 -O3 -fopenmp", "expert.c, clang 19 -O3 -fopenmp"])
    'expert.c, ... -O3 -fopenmp'
    >>> shared_label(["clang -polly (Polly changed the code)", "clang -polly (same code as without Polly)"])
    'clang -polly'
    """
    parts = [_REMARK.fullmatch(label) for label in dict.fromkeys(labels)]
    heads = [part[1].split(" ") for part in parts if part is not None]
    remarks = {part[2] or "" for part in parts if part is not None}
    first = _common(heads)
    last = _common([words[len(first) :][::-1] for words in heads])[::-1]
    # One word at the end, a unit say, tells nothing without what stands before it.
    last = last if len(last) > 1 or not first else []
    differs = any(len(words) > len(first) + len(last) for words in heads)
    words = [*first, *(["..."] if differs and (first or last) else []), *last]
    return " ".join(words) + (remarks.pop() if len(remarks) == 1 else "")


def _common(lists: Sequence[Sequence[str]]) -> list[str]:
    """Return the words that all lists begin with."""
    found: list[str] = []
    for words in zip(*lists, strict=False):
        if len(set(words)) > 1:
            break
        found.append(words[0])
    return found


def _facts(records: HostRecords, kernel: str, threads: int) -> FieldFacts:
    sizes = records.quoted_sizes(kernel)
    field = records.field(kernel, sizes, threads)
    # Serial builds are in every field, so theirs are of the last one; a method that was not in it may name another.
    serial = (timing for timing in field.values() if timing.kind is MethodKind.SERIAL)
    baseline = next((timing.baseline for timing in (*serial, *field.values()) if timing.baseline), "")
    timed = field.get(baseline)
    seconds = timed.series.median_s if timed is not None and timed.series is not None else 0.0
    return FieldFacts(kernel, sizes, threads, baseline, seconds)
