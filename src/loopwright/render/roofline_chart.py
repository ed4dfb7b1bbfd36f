"""The roofline plot: measured roofs, and each kernel's position by the serial build, loopwright and the best other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from loopwright.core.campaign import MethodKind, Peaks
from loopwright.core.summary import RooflinePoint, Summary
from loopwright.render.charts import KIND_COLOURS, LEGEND_BELOW, Chart, Json, featured_methods, label
from loopwright.render.quantities import rate_of, threads_text

_PLOT_PX = (280.0, 330)
_LETTER_PX = 6.6
_POSITIONS = ("bottom center", "middle right", "middle left", "bottom right", "bottom left", "top right", "top left")
_SYMBOLS = {"serial": "circle-open", "loopwright": "diamond", "other": "square"}


def roofline_chart(summary: Summary) -> Chart | None:
    """Return the plot; None if no kernel's operations and bytes are both known."""
    placed = [point for point in summary.roofline if point.intensity is not None and point.flop_per_s is not None]
    if not placed:
        return None
    intensities = [point.intensity or 0.0 for point in placed]
    low, high = min(intensities) / 3, max(intensities) * 3
    chosen = _chosen(summary, placed)
    marked = [point for points in chosen.values() for point in points]
    data = [
        *_roofs(summary.host.peaks, low, high),
        _ties(summary, marked),
        *(_group(name, points) for name, points in chosen.items() if points),
        _names(summary, marked),
    ]
    said = "; ".join(f"{point.kernel} {point.intensity:.2g} FLOP per byte" for point in chosen["serial"])
    layout: Json = {
        "margin": {"l": 8, "r": 12, "t": 10, "b": 190},
        "showlegend": True,
        "legend": LEGEND_BELOW,
        "xaxis": {
            "type": "log",
            "title": {"text": "FLOP per compulsory byte", "standoff": 6},
            "range": [math.log10(low), math.log10(high)],
            "dtick": 1,
        },
        "yaxis": {"type": "log", "title": {"text": "GFLOP/s"}, "dtick": 1, "automargin": True},
    }
    return Chart(
        "chart-roofline",
        "Operations per second over operational intensity",
        f"Operations per second over operational intensity, with the machine's measured roofs: {said}. "
        "The table below has every point.",
        {"data": data, "layout": layout},
        _PLOT_PX[1] + 200,
    )


def _chosen(summary: Summary, points: Sequence[RooflinePoint]) -> dict[str, list[RooflinePoint]]:
    """Return per kernel the fastest serial build, loopwright's best featured method, and the fastest other."""
    featured = featured_methods(summary)
    groups: dict[str, list[RooflinePoint]] = {"serial": [], "other": [], "loopwright": []}
    for kernel in summary.kernels:
        own = [point for point in points if point.kernel == kernel and point.method in featured]
        for name in groups:
            candidates = [point for point in own if _group_of(point.kind) == name]
            if candidates:
                groups[name].append(min(candidates, key=lambda point: point.elapsed_s))
    return groups


def _group_of(kind: MethodKind) -> str:
    if kind is MethodKind.SERIAL:
        return "serial"
    return "loopwright" if kind is MethodKind.LOOPWRIGHT else "other"


def _roofs(peaks: Sequence[Peaks], low: float, high: float) -> list[Json]:
    """Return two roofs per number of threads: bandwidth, then double or single precision peak."""
    lines: list[Json] = []
    for index, peak in enumerate(peaks):
        for words, flop_per_s, dash in (
            ("single", peak.single_flop_per_s, "dot"),
            ("double", peak.double_flop_per_s, "solid"),
        ):
            if flop_per_s <= 0.0 or peak.bytes_per_s <= 0.0:
                continue
            ridge = flop_per_s / peak.bytes_per_s
            corners = [low, *([ridge] if low < ridge < high else []), high]
            name = f"{threads_text(peak.threads)}, {words} precision"
            lines.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "x": corners,
                    "y": [min(flop_per_s, corner * peak.bytes_per_s) / 1e9 for corner in corners],
                    "line": {
                        "color": "var(--ink-soft)" if index == len(peaks) - 1 else "var(--line-strong)",
                        "dash": dash,
                        "width": 2,
                    },
                    "hoverinfo": "text",
                    "hovertext": f"{name}: {rate_of(peak.bytes_per_s, 'B/s')}, {rate_of(flop_per_s, 'FLOP/s')}",
                }
            )
    return lines


def _ties(summary: Summary, points: Sequence[RooflinePoint]) -> Json:
    """Return thin lines that tie the points of each kernel together: they have one intensity."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for kernel in summary.kernels:
        own = sorted((_height(point), point.intensity or 0.0) for point in points if point.kernel == kernel)
        if len(own) > 1:
            xs += [own[0][1], own[-1][1], None]
            ys += [own[0][0], own[-1][0], None]
    line = {"color": "var(--line-strong)", "width": 1}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": line,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _group(name: str, points: Sequence[RooflinePoint]) -> Json:
    words = {"serial": "best serial build", "loopwright": "loopwright", "other": "fastest other method"}
    colours = {
        "serial": KIND_COLOURS[MethodKind.SERIAL],
        "loopwright": KIND_COLOURS[MethodKind.LOOPWRIGHT],
        "other": KIND_COLOURS[MethodKind.EXPERT],
    }
    return {
        "type": "scatter",
        "mode": "markers",
        "name": words[name],
        "x": [point.intensity for point in points],
        "y": [_height(point) for point in points],
        "marker": {
            "symbol": _SYMBOLS[name],
            "size": 10,
            "color": colours[name],
            "line": {"width": 2 if name == "serial" else 1},
        },
        "hoverinfo": "text",
        "hovertext": [
            f"{label(point.kernel)}: {label(point.method)}<br>{rate_of(point.flop_per_s, 'FLOP/s')}, "
            f"{rate_of(point.bytes_per_s, 'B/s')} of compulsory traffic"
            for point in points
        ],
    }


def _height(point: RooflinePoint) -> float:
    return (point.flop_per_s or 0.0) / 1e9


def _names(summary: Summary, points: Sequence[RooflinePoint]) -> Json:
    """Return the kernels' names, each beside its lowest point, where it covers no point and no other name."""
    lowest = {
        kernel: min((point for point in points if point.kernel == kernel), key=_height)
        for kernel in summary.kernels
        if any(point.kernel == kernel for point in points)
    }
    scale = _Scale.of(points)
    taken = [_around(scale.place(point)) for point in points]
    positions: list[str] = []
    for kernel, point in lowest.items():
        boxes = {name: _name_box(scale.place(point), name, kernel) for name in _POSITIONS}
        best = min(_POSITIONS, key=lambda name: sum(_overlap(boxes[name], other) for other in taken))
        positions.append(best)
        taken.append(boxes[best])
    return {
        "type": "scatter",
        "mode": "markers+text",
        # Not seen: it keeps the text off the point below it.
        "marker": {"size": 11, "opacity": 0},
        "x": [point.intensity for point in lowest.values()],
        "y": [_height(point) for point in lowest.values()],
        "text": [label(kernel) for kernel in lowest],
        "textposition": positions,
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


_Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in pixels."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a point is drawn, on a plot that is as narrow as on a phone: a wider one has more room."""

    x_low: float
    x_span: float
    y_low: float
    y_span: float

    @classmethod
    def of(cls, points: Sequence[RooflinePoint]) -> _Scale:
        xs = [math.log10(point.intensity or 1.0) for point in points]
        ys = [math.log10(_height(point)) for point in points]
        return cls(min(xs) - 0.5, max(xs) - min(xs) + 1.0, min(ys) - 0.3, max(ys) - min(ys) + 0.6)

    def place(self, point: RooflinePoint) -> tuple[float, float]:
        x = (math.log10(point.intensity or 1.0) - self.x_low) / self.x_span * _PLOT_PX[0]
        return x, (math.log10(_height(point)) - self.y_low) / self.y_span * _PLOT_PX[1]


def _around(centre: tuple[float, float]) -> _Box:
    x, y = centre
    return x - 6, y - 6, x + 6, y + 6


def _name_box(centre: tuple[float, float], position: str, text: str) -> _Box:
    vertical, horizontal = position.split()
    x, y = centre
    width, height = _LETTER_PX * len(text), 13.0
    left = {"left": x - 7 - width, "center": x - width / 2, "right": x + 7}[horizontal]
    bottom = {"bottom": y - 7 - height, "middle": y - height / 2, "top": y + 7}[vertical]
    return left, bottom, left + width, bottom + height


def _overlap(first: _Box, second: _Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    outside = max(0.0, -first[0]) + max(0.0, first[2] - _PLOT_PX[0])
    return max(0.0, width) * max(0.0, height) + 100.0 * outside
