"""Bars of speed-ups with their intervals, from 1 to both sides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from loopwright.core.campaign import MethodKind
from loopwright.core.counted import counted
from loopwright.core.summary import CellState, Summary
from loopwright.render.charts import KIND_COLOURS, Chart, Json, featured_methods, label, method_label, round_ticks
from loopwright.render.quantities import sizes_text, speedup_text, spread_text

_ROW_PX = 22
_TICK_GAP = 0.22


def means_chart(summary: Summary) -> Chart:
    """Return bars of the geometric mean of every method over all kernels."""
    table = summary.all_threads
    bars = [
        _Bar(row.method, row.kind, value, f"{speedup_text(row.applicable.geometric_mean)} where it applies")
        for row in table.rows
        if (value := row.everywhere.geometric_mean) is not None and row.applicable.values
    ]
    return Chart(
        "chart-means",
        f"Geometric mean over all of {counted(len(table.fields), 'kernel')}",
        f"Bars of the geometric mean speed-up of every method; the table of speed-ups has the same figures. "
        f"Highest: {_highest(bars)}.",
        _bar_figure(bars),
        _bar_height(bars),
    )


def kernel_charts(summary: Summary) -> tuple[Chart, ...]:
    """Return a bar chart with intervals per kernel: featured methods, the fastest first."""
    table = summary.all_threads
    featured = set(featured_methods(summary))
    charts: list[Chart] = []
    for index, field in enumerate(table.fields):
        bars: list[_Bar] = []
        for row in table.rows:
            cell = row.cells[index]
            if row.method not in featured or cell.speedup is None:
                continue
            timing = cell.timing if cell.state is CellState.MEASURED else None
            interval = timing.interval if timing is not None else None
            note = spread_text(timing) if timing is not None else "the original is kept"
            bars.append(_Bar(row.method, row.kind, cell.speedup, note, interval))
        if bars:
            charts.append(
                Chart(
                    f"chart-kernel-{index}",
                    f"{field.kernel}: {sizes_text(field.sizes)}",
                    f"Bars of the speed-up on {field.kernel} over {field.baseline}, with 95% intervals; the table of "
                    f"speed-ups has the same figures. Highest: {_highest(bars)}.",
                    _bar_figure(bars),
                    _bar_height(bars),
                )
            )
    return tuple(charts)


@dataclass(frozen=True, slots=True)
class _Bar:
    method: str
    kind: MethodKind
    value: float
    note: str
    interval: tuple[float, float] | None = None


def _highest(bars: Sequence[_Bar]) -> str:
    best = max(bars, key=lambda bar: bar.value, default=None)
    return f"{best.method}, {speedup_text(best.value)}" if best is not None else "none"


def _bar_height(bars: Sequence[_Bar]) -> int:
    return 34 + _ROW_PX * len(bars)


def _bar_figure(bars: Sequence[_Bar]) -> Json:
    """Return horizontal bars from 1, the fastest at the top.

    The axis is linear in the logarithm, because plotly's own logarithmic axis has no 1 for bars to start from.
    """
    ordered = sorted(bars, key=lambda bar: bar.value)
    names: list[str] = []
    for bar in ordered:
        name = f"{method_label(bar.method)}  <b>{speedup_text(bar.value)}</b>"
        # Bars of one name would be drawn on top of each other.
        names.append(name + " " * sum(known.rstrip() == name for known in names))
    data: list[Json] = []
    for kind, known in itertools.product(KIND_COLOURS, (True, False)):
        chosen = [
            index for index, bar in enumerate(ordered) if bar.kind is kind and (bar.interval is not None) is known
        ]
        if not chosen:
            continue
        trace: Json = {
            "type": "bar",
            "orientation": "h",
            "name": kind.value,
            "y": [names[index] for index in chosen],
            "x": [math.log10(ordered[index].value) for index in chosen],
            "marker": {"color": KIND_COLOURS[kind]},
            "hoverinfo": "text",
            "hovertext": [_hover(ordered[index]) for index in chosen],
        }
        if known:
            trace["error_x"] = _whiskers([ordered[index] for index in chosen])
        data.append(trace)
    ends = [end for bar in ordered for end in (bar.value, *(bar.interval or ()))]
    low, high = min([*ends, 1.0]), max([*ends, 1.0])
    ticks = round_ticks(low, high, _TICK_GAP)
    margin = 0.04 * (math.log10(high) - math.log10(low) or 1.0)
    layout: Json = {
        "barmode": "overlay",
        "bargap": 0.25,
        "showlegend": False,
        "margin": {"l": 8, "r": 14, "t": 4, "b": 26},
        "xaxis": {
            "tickvals": [math.log10(tick) for tick in ticks],
            "ticktext": [f"{tick:g}x" for tick in ticks],
            "range": [math.log10(low) - margin, math.log10(high) + margin],
            "zeroline": True,
            "zerolinewidth": 2,
            "tickangle": 0,
        },
        "yaxis": {"categoryorder": "array", "categoryarray": names, "automargin": True, "ticks": ""},
    }
    return {"data": data, "layout": layout}


def _hover(bar: _Bar) -> str:
    return f"{label(bar.method)}<br>{speedup_text(bar.value)} {label(bar.note)}"


def _whiskers(bars: Sequence[_Bar]) -> Json:
    ends = [bar.interval or (bar.value, bar.value) for bar in bars]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, math.log10(high / bar.value)) for (_, high), bar in zip(ends, bars, strict=True)],
        "arrayminus": [max(0.0, math.log10(bar.value / low)) for (low, _), bar in zip(ends, bars, strict=True)],
        "color": "var(--ink)",
        "thickness": 1.2,
        "width": 3,
    }
