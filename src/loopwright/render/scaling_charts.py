"""Curves of speed-ups over sizes, and over threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loopwright.core.campaign import MethodKind, Timing
from loopwright.core.measurement import Bounds
from loopwright.core.summary import Curve, Summary
from loopwright.render.charts import (
    KIND_COLOURS,
    LEGEND_BELOW,
    Chart,
    Json,
    featured_methods,
    label,
    method_label,
    round_ticks,
)
from loopwright.render.quantities import short_number, sizes_text, speedup_text, spread_text

_DASHES = ("solid", "dash", "dot", "dashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
_LEGEND_PX = 19
_TICK_GAP = 0.12


def curve_charts(
    summary: Summary, curves: Sequence[Curve], prefix: str, words: str, *, by_threads: bool
) -> tuple[Chart, ...]:
    """Return a chart per kernel of its curves over sizes, or over threads; featured methods alone."""
    featured = featured_methods(summary)
    charts: list[Chart] = []
    for kernel in summary.kernels:
        own = [curve for curve in curves if curve.kernel == kernel and curve.method in featured]
        if not own:
            continue
        timings = [timing for curve in own for timing in curve.points]
        name_of = _threads_of if by_threads else _sizes_namer(timings)
        places = list(dict.fromkeys(name_of(timing) for timing in timings))
        charts.append(
            Chart(
                f"{prefix}-{summary.kernels.index(kernel)}",
                kernel,
                f"Lines of the speed-up on {kernel} {words}, one per method; the table below has the same figures.",
                _curve_figure(own, places, name_of, "threads" if by_threads else ""),
                250 + _LEGEND_PX * len(own),
            )
        )
    return tuple(charts)


def _threads_of(timing: Timing) -> str:
    return str(timing.threads)


def _sizes_namer(timings: Sequence[Timing]) -> Callable[[Timing], str]:
    """Return what names the sizes of a point: the first parameter that tells all of them apart, else all that vary."""
    fields = list(dict.fromkeys(timing.sizes for timing in timings))
    names = list(dict.fromkeys(name for sizes in fields for name, _ in sizes))
    varying = [name for name in names if len({dict(sizes).get(name) for sizes in fields}) > 1]
    telling = [name for name in varying if len({dict(sizes).get(name) for sizes in fields}) == len(fields)]
    shown = telling[:1] or varying or names

    def name_of(timing: Timing) -> str:
        known = dict(timing.sizes)
        return "<br>".join(label(f"{name}={short_number(known[name])}") for name in shown if name in known) or "-"

    return name_of


def _curve_figure(curves: Sequence[Curve], places: Sequence[str], name_of: Callable[[Timing], str], axis: str) -> Json:
    data: list[Json] = []
    seen: dict[MethodKind, int] = {}
    for curve in curves:
        number = seen.get(curve.kind, 0)
        seen[curve.kind] = number + 1
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": method_label(curve.method),
                "x": [name_of(timing) for timing in curve.points],
                "y": [timing.median for timing in curve.points],
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [max(0.0, _bounds(timing)[1] - timing.median) for timing in curve.points],
                    "arrayminus": [max(0.0, timing.median - _bounds(timing)[0]) for timing in curve.points],
                    "thickness": 1,
                    "width": 3,
                },
                "line": {"color": KIND_COLOURS[curve.kind], "dash": _DASHES[number % len(_DASHES)], "width": 2},
                "marker": {"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 8},
                "hoverinfo": "text",
                "hovertext": [
                    f"{method_label(curve.method)}<br>{label(sizes_text(timing.sizes))}<br>"
                    f"{speedup_text(timing.median)} {spread_text(timing)}"
                    for timing in curve.points
                ],
            }
        )
    values = [end for curve in curves for timing in curve.points for end in _bounds(timing) if end > 0.0]
    ticks = round_ticks(min([*values, 1.0]), max([*values, 1.0]), _TICK_GAP)
    layout: Json = {
        "margin": {"l": 8, "r": 24, "t": 6, "b": (50 if axis else 34) + _LEGEND_PX * len(curves)},
        "showlegend": True,
        "legend": LEGEND_BELOW,
        "xaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": list(places),
            "tickangle": 0,
            "title": {"text": axis, "standoff": 4},
        },
        "yaxis": {
            "type": "log",
            "tickvals": ticks,
            "ticktext": [f"{tick:g}x" for tick in ticks],
            "automargin": True,
        },
        "shapes": [_unit_line()],
    }
    return {"data": data, "layout": layout}


def _bounds(timing: Timing) -> Bounds:
    """Return the ends of the whisker: none is drawn where there is no interval."""
    return timing.interval or (timing.median, timing.median)


def _unit_line() -> Json:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 1,
        "y1": 1,
        "line": {"color": "var(--ink-soft)", "width": 1.5},
        "layer": "below",
    }
