"""Summary -> plotly figures, as plain JSON values; what draws them is in templates/report.js.

Colours that follow the reader's light or dark theme are written ``var(--name)``, as in the style sheet. Names from
outside stand in plotly's labels, which understand a little HTML, and so are escaped.
"""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loopwright.core.campaign import MethodKind
from loopwright.core.metrics import ProposerMetrics
from loopwright.core.summary import SpeedUpTable, Summary
from loopwright.render.metric_cells import short_method
from loopwright.render.printable import printable
from loopwright.render.quantities import share_text, speedup_text

Json = dict[str, Any]

# Wong's colours, which people tell apart who do not see all colours.
KIND_COLOURS = {
    MethodKind.SERIAL: "#8c8c8c",
    MethodKind.COMPILER: "#56b4e9",
    MethodKind.TUNER: "#cc79a7",
    MethodKind.LIBRARY: "#009e73",
    MethodKind.EXPERT: "#0072b2",
    MethodKind.LOOPWRIGHT: "#d55e00",
}
_HALF = 15
# One entry per line: how many lines there are does not hang on the width.
LEGEND_BELOW: Json = {
    "orientation": "h",
    "entrywidth": 1,
    "entrywidthmode": "fraction",
    "x": 0,
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
}
# From dense to sparse; the first that leaves room is taken.
_TICK_STEPS = (
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 1.5, 2, 3, 4, 6, 8),
    (1, 2, 5),
    (1, 3),
    (1,),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with what it shows in words, for those who do not see it.

    Attributes:
        id: Unique in a report.
        title: Its heading.
        description: What it shows, and where the same figures stand in a table.
        figure: ``data`` and ``layout`` as plotly takes them.
        height_px: Of the drawing.
    """

    id: str
    title: str
    description: str
    figure: Json
    height_px: int


def label(text: str) -> str:
    """Return ``text`` as plotly shows it literally, without its middle if it is too long to leave room for the plot."""
    shown = printable(text)
    if len(shown) > 2 * _HALF + 3:
        shown = f"{shown[:_HALF]}...{shown[-_HALF:]}"
    # Plotly reads no other entities than these.
    return html.escape(shown, quote=False)


def method_label(method: str) -> str:
    """Return a method as charts show it: that it is loopwright's is said by its colour."""
    return label(short_method(method))


def featured_methods(summary: Summary) -> tuple[str, ...]:
    """Return the methods that charts show: all that are not ours, and per model the strategy that does best.

    One strategy for all kernels: the best of each kernel would be picked after the fact.
    """
    table = summary.all_threads
    others = [row.method for row in table.rows if row.kind is not MethodKind.LOOPWRIGHT]
    best: dict[str, tuple[float, str]] = {}
    for row in table.rows:
        if row.kind is MethodKind.LOOPWRIGHT:
            model = row.method.rpartition("/")[0]
            best[model] = max(best.get(model, (0.0, "")), (row.everywhere.geometric_mean or 0.0, row.method))
    return (*others, *(method for _, method in best.values()))


def round_ticks(low: float, high: float, least_gap: float) -> list[float]:
    """Return round numbers between ``low`` and ``high`` for a logarithmic axis, 1 among them.

    Args:
        low: Of the axis, above 0.
        high: Of the axis.
        least_gap: Between two numbers, as a share of the axis, so that they do not run into each other.
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    span = math.log10(high / low) or 1.0
    found: list[float] = []
    for steps in _TICK_STEPS:
        ticks = [round(step * 10.0**decade, 6) for decade in decades for step in steps]
        found = [tick for tick in ticks if low / 1.02 <= tick <= high * 1.02 or tick == 1.0]
        if all(math.log10(after / before) >= least_gap * span for before, after in itertools.pairwise(found)):
            break
    return found


def heat_charts(summary: Summary) -> tuple[Chart, ...]:
    """Return the heat maps of strategy x model: speed-up, and success of the model's own plans."""
    return (
        _heat_chart(
            summary,
            "chart-heat-speed",
            "Geometric mean speed-up",
            lambda item: item.speedups.geometric_mean,
            speedup_text,
            (1.0, None),
        ),
        _heat_chart(
            summary,
            "chart-heat-success",
            "Kernels won by a plan of the model's own",
            lambda item: item.kernel_success.share,
            share_text,
            (0.0, 1.0),
        ),
    )


def _heat_chart(
    summary: Summary,
    id: str,
    title: str,
    value: Callable[[ProposerMetrics], float | None],
    words: Callable[[float | None], str],
    ends: tuple[float, float | None],
) -> Chart:
    models = [item.model for item in summary.by_model]
    strategies = list(dict.fromkeys(item.strategy for item in summary.proposers))
    known = {(item.model, item.strategy): value(item) for item in summary.proposers}
    rows = [[known.get((model, strategy)) for model in models] for strategy in strategies]
    texts = [[words(cell) if cell is not None else "" for cell in row] for row in rows]
    values = [cell for row in rows for cell in row if cell is not None]
    said = ", ".join(
        f"{item.model} {item.strategy} {words(value(item))}" for item in summary.proposers if value(item) is not None
    )
    data: Json = {
        "type": "heatmap",
        "x": [label(model) for model in models],
        "y": [label(strategy) for strategy in strategies],
        "z": rows,
        "text": texts,
        "texttemplate": "%{text}",
        "hoverinfo": "x+y+text",
        "colorscale": [[0.0, "#fdf0e6"], [0.5, "#f6a56b"], [1.0, "#b8430a"]],
        "showscale": False,
        "zmin": min([ends[0], *values]),
        "zmax": ends[1] if ends[1] is not None else max([ends[0] + 1.0, *values]),
        "xgap": 3,
        "ygap": 3,
    }
    layout: Json = {
        "margin": {"l": 8, "r": 8, "t": 4, "b": 26},
        "xaxis": {"type": "category", "showgrid": False, "ticks": "", "automargin": True},
        "yaxis": {"type": "category", "showgrid": False, "autorange": "reversed", "automargin": True, "ticks": ""},
    }
    return Chart(
        id, title, f"Heat map of strategy by model: {said}.", {"data": [data], "layout": layout}, 32 + 34 * len(rows)
    )


def legend_of(table: SpeedUpTable) -> tuple[tuple[str, str], ...]:
    """Return word and colour of each kind of method in ``table``."""
    kinds = {row.kind for row in table.rows}
    return tuple((kind.value, colour) for kind, colour in KIND_COLOURS.items() if kind in kinds)
