"""Summary and Comparison -> documents for programs: docs/json.md and docs/schema/ describe them.

As in ``json_report``, the keys that the contract names are written out; what stands below them is every field of a
``core`` value, so a new field shows up without a change here.
"""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from loopwright.core import paper
from loopwright.core.campaign import Timing
from loopwright.core.comparison import Change, Comparison
from loopwright.core.metrics import ProposerMetrics, Quality, Rate, SpeedUps
from loopwright.core.status import Status
from loopwright.core.summary import Cell, Curve, Delivery, MethodRow, RooflinePoint, SpeedUpTable, Summary
from loopwright.render.json_report import (
    Document,
    bounds_document,
    envelope,
    finite,
    host_document,
    nest_document,
    plain_document,
    series_document,
)


def summary_document(summary: Summary) -> Document:
    """Return the document of ``report``: every figure of the report, and the raw samples behind it."""
    host = summary.host
    return {
        **envelope("report"),
        "host": {
            "id": host.id,
            "environment": host_document(host.environment) if host.environment is not None else None,
            "peaks": plain_document(host.peaks),
        },
        "kernels": list(summary.kernels),
        "counts": {**_plain(summary.counts), "evaluations": summary.counts.evaluations},
        "notes": list(summary.notes),
        "proposers": [_proposer(item) for item in summary.proposers],
        "by_model": [_proposer(item) for item in summary.by_model],
        "by_strategy": [_proposer(item) for item in summary.by_strategy],
        "tables": {
            "all_threads": _table(summary.all_threads),
            "one_thread": _table(summary.one_thread) if summary.one_thread is not None else None,
        },
        "scaling": {
            "sizes": [_curve(curve) for curve in summary.size_curves],
            "threads": [_curve(curve) for curve in summary.thread_curves],
        },
        "roofline": [_point(point) for point in summary.roofline],
        "work": [{**_plain(work), "sizes": dict(work.sizes)} for work in summary.works],
        "deliveries": [_delivery(delivery) for delivery in summary.deliveries],
        "plans": [
            {**_plain(plan), "outcomes": [{"nest": nest, "outcome": outcome} for nest, outcome in plan.outcomes]}
            for plan in summary.plans
        ],
        "timings": [_timing(timing) for timing in summary.timings],
        "unfinished": [{"task": label, "reason": reason} for label, reason in summary.unfinished],
        "paper": _paper(),
    }


def comparison_document(comparison: Comparison) -> Document:
    """Return the document of ``bench compare``."""
    return {
        **envelope("bench compare"),
        "before_host": comparison.before_host,
        "after_host": comparison.after_host,
        "same_host": comparison.same_host,
        "unchanged": comparison.unchanged,
        "changes": [_change(change) for change in comparison.changes],
    }


def status_document(status: Status) -> Document:
    """Return what ``bench status`` and ``bench run`` say of a store; the caller adds the envelope and the store."""
    return {"evaluations": status.evaluations, **_plain(status)}


def _plain(value: object) -> Document:
    return cast("Document", plain_document(value))


def _proposer(item: ProposerMetrics) -> Document:
    rates = ("legal", "verified", "race_free", "memory_safe", "sanitizer_pass")
    successes = ("kernel_success", "nest_success", "delivered_correct")
    return {
        "model": item.model,
        "strategy": item.strategy,
        "kernels": item.kernels,
        "speedup": _speedups(item.speedups),
        **{name: _rate(getattr(item, name)) for name in (*successes, *rates)},
        "proposals": {**_plain(item.proposals), "total": item.proposals.total},
        "quality": _quality(item.quality),
        "cost": {**_plain(item.cost), "peak_bytes": item.cost.peak_bytes or None},
        "faults": dict(item.faults),
    }


def _speedups(speedups: SpeedUps) -> Document:
    return {
        "count": len(speedups.values),
        "mean": _optional(speedups.mean),
        "geometric_mean": _optional(speedups.geometric_mean),
        "best": _optional(speedups.best),
        "best_on": speedups.best_on,
    }


def _rate(rate: Rate) -> Document:
    return {**_plain(rate), "share": _optional(rate.share), "share_of_judged": _optional(rate.share_of_judged)}


def _quality(quality: Quality) -> Document:
    return {
        **_plain(quality),
        "precision": _optional(quality.precision),
        "recall": _optional(quality.recall),
        "f1": _optional(quality.f1),
    }


def _optional(value: float | None) -> float | None:
    return None if value is None else finite(value)


def _table(table: SpeedUpTable) -> Document:
    return {
        "threads": table.threads,
        "fields": [{**_plain(field), "sizes": dict(field.sizes)} for field in table.fields],
        "methods": [_row(row) for row in table.rows],
    }


def _row(row: MethodRow) -> Document:
    return {
        "method": row.method,
        "kind": row.kind.value,
        "label": row.label,
        "where_it_applies": _speedups(row.applicable),
        "all_kernels": _speedups(row.everywhere),
        "compile_mean_s": _optional(row.compile_mean_s),
        "peak_bytes": row.peak_bytes or None,
        "kernels": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> Document:
    timing = cell.timing
    return {
        "kernel": cell.kernel,
        "state": cell.state.value,
        "speedup": _optional(cell.speedup),
        **bounds_document(timing.interval if timing is not None else None),
        "is_win": cell.is_win,
        "is_loss": cell.is_loss,
        "same_as": cell.same_as,
        "reason": cell.why,
    }


def _curve(curve: Curve) -> Document:
    points = [
        {
            "sizes": dict(timing.sizes),
            "threads": timing.threads,
            "speedup": finite(timing.median),
            **bounds_document(timing.interval),
        }
        for timing in curve.points
    ]
    return {"kernel": curve.kernel, "method": curve.method, "kind": curve.kind.value, "points": points}


def _point(point: RooflinePoint) -> Document:
    return {
        "kernel": point.kernel,
        "method": point.method,
        "kind": point.kind.value,
        "sizes": dict(point.work.sizes),
        "threads": point.threads,
        "elapsed_s": finite(point.elapsed_s),
        "flops": point.work.flops,
        "compulsory_bytes": point.work.compulsory_bytes,
        "intensity": _optional(point.intensity),
        "flop_per_s": _optional(point.flop_per_s),
        "bytes_per_s": _optional(point.bytes_per_s),
    }


def _delivery(delivery: Delivery) -> Document:
    return {
        "kernel": delivery.kernel,
        "methods": list(delivery.methods),
        "nest": nest_document(delivery.report),
        "source": list(delivery.source),
        "patch": delivery.patch,
        "elsewhere": list(delivery.elsewhere),
    }


def _timing(timing: Timing) -> Document:
    return {
        **_plain(timing),
        **bounds_document(timing.interval),
        "peak_bytes": timing.peak_bytes or None,
        "sizes": dict(timing.sizes),
        "series": series_document(timing.series) if timing.series is not None else None,
        "counts": timing.counts,
    }


def _change(change: Change) -> Document:
    return {**_plain(change), "sizes": dict(change.sizes)}


def _paper() -> dict[str, Any]:
    """Return the paper's claims, named as such."""
    tables = {
        "models": paper.MODELS,
        "strategies": paper.STRATEGIES,
        "methods": paper.METHODS,
        "correctness": paper.CORRECTNESS,
    }
    return {
        "source": paper.SOURCE,
        "title": paper.TITLE,
        "note": f"the paper's own claims, not measured here; {paper.BASELINE}",
        **{name: [dataclasses.asdict(row) for row in rows] for name, rows in tables.items()},
        "scaling": list(paper.SCALING),
        "evaluations": paper.EVALUATIONS,
    }
