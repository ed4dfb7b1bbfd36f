"""Store -> Summary: all that a report says of one host. Start with ``summarise``.

``records`` chooses what is quoted, ``table`` sets kernels against methods, ``metrics`` and ``quality`` judge who
proposes, ``curves`` and ``deliveries`` collect the rest; ``compare`` sets two summaries side by side.
"""

from __future__ import annotations

from loopwright.campaign.curves import roofline_points, size_curves, thread_curves
from loopwright.campaign.deliveries import deliveries
from loopwright.campaign.metrics import proposer_metrics
from loopwright.campaign.records import HostRecords, Results, read_host
from loopwright.campaign.table import speedup_table
from loopwright.core.campaign import MethodKind
from loopwright.core.summary import Counts, PlanEvaluation, SpeedUpTable, Summary
from loopwright.version import __version__


def summarise(store: Results, *, host: str | None = None) -> Summary:
    """Return the summary of one host; results of different hosts are never mixed.

    Args:
        store: An open store.
        host: Its name, or an unambiguous beginning; needed only where the store knows several.

    Raises:
        UserError: There are neither results nor failures, several hosts and none is named, or none of that name.
    """
    records = read_host(store, host)
    table = speedup_table(records, records.most_threads)
    one_thread = speedup_table(records, 1) if _has_one_thread(records) else None
    proposers, by_model, by_strategy = proposer_metrics(records, table)
    return Summary(
        version=__version__,
        host=records.host,
        kernels=records.kernels,
        counts=_counts(records),
        proposers=proposers,
        by_model=by_model,
        by_strategy=by_strategy,
        all_threads=table,
        one_thread=one_thread,
        size_curves=size_curves(records),
        thread_curves=thread_curves(records),
        roofline=roofline_points(records, table),
        works=tuple(records.works[key] for key in sorted(records.works)),
        deliveries=deliveries(records),
        plans=tuple(
            PlanEvaluation(
                plan.kernel,
                plan.model,
                plan.strategy,
                plan.seed,
                tuple((nest.id, nest.outcome.value) for nest in plan.report.nests),
            )
            for plan in records.plans
        ),
        timings=records.timings,
        unfinished=records.failures,
        notes=_notes(records, table),
    )


def _has_one_thread(records: HostRecords) -> bool:
    return records.most_threads > 1 and any(threads == 1 for _, _, threads in records.fields)


def _counts(records: HostRecords) -> Counts:
    timings = records.timings
    baselines = [timing for timing in timings if timing.kind is not MethodKind.LOOPWRIGHT]
    return Counts(
        plans=len(records.plans),
        baselines=sum(timing.series is not None or timing.failure is not None for timing in baselines),
        objected=sum(bool(timing.objections) for timing in timings),
        failed=sum(timing.failure is not None for timing in timings),
        inapplicable=sum(timing.series is None and timing.failure is None for timing in timings),
        unfinished=len(records.failures),
    )


def _notes(records: HostRecords, table: SpeedUpTable) -> tuple[str, ...]:
    notes: list[str] = []
    if not records.kernels:
        notes.append("No task gave a result; the reasons are below, under losses, objections, failures.")
    if records.superseded:
        notes.append(f"{records.superseded} stored results are not shown: later ones of the same evaluation are.")
    if records.older:
        listed = ", ".join(f"{kernel} {method}" for kernel, method in records.older)
        notes.append(
            "Not timed again with the last field of their kernel, whose text or limits may have been others then:"
            f" {listed}."
        )
    untimed = [field.kernel for field in table.fields if not field.baseline]
    if untimed:
        notes.append(f"Without a timed serial build there is no speed-up: {', '.join(untimed)}.")
    seeds = sorted({plan.seed for plan in records.plans})
    if len(seeds) > 1:
        notes.append(
            f"Rates are over the seeds {', '.join(map(str, seeds))}; a speed-up is of the last that was timed."
        )
    if not records.host.peaks:
        notes.append("The machine's peaks were not measured, so the roofline plot has no roofs.")
    return tuple(notes)
