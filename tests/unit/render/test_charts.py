from __future__ import annotations

import math
from dataclasses import replace

import pytest

from loopwright.core.campaign import MethodKind, Peaks
from loopwright.core.summary import Summary
from loopwright.render.bar_charts import kernel_charts, means_chart
from loopwright.render.charts import Chart, featured_methods, heat_charts, label, round_ticks
from loopwright.render.roofline_chart import roofline_chart
from loopwright.render.scaling_charts import curve_charts


def all_charts(summary: Summary) -> list[Chart]:
    roofline = roofline_chart(summary)
    assert roofline is not None
    sizes = curve_charts(summary, summary.size_curves, "s", "by size", by_threads=False)
    threads = curve_charts(summary, summary.thread_curves, "t", "by threads", by_threads=True)
    return [means_chart(summary), *kernel_charts(summary), *heat_charts(summary), roofline, *sizes, *threads]


def test_plotly_knows_every_property(summary: Summary) -> None:
    import plotly.graph_objects as go

    for chart in all_charts(summary):
        go.Figure(chart.figure)  # raises ValueError for what it does not know


@pytest.mark.parametrize(
    ("low", "high", "gap", "expected"),
    [
        (0.1, 30.0, 0.2, [0.1, 1.0, 10.0]),
        (0.9, 1.7, 0.22, [1.0, 1.5]),
        (1.0, 20.0, 0.12, [1.0, 2.0, 5.0, 10.0, 20.0]),
        (0.35, 1.3, 0.2, [0.5, 1.0]),
        (1.0, 1.0, 0.2, [1.0]),
        (0.001, 5000.0, 0.1, [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]),
    ],
)
def test_ticks_are_round_and_hold_one(low: float, high: float, gap: float, expected: list[float]) -> None:
    assert round_ticks(low, high, gap) == expected


def test_names_are_shown_literally() -> None:
    assert label("<b>a</b> & \u202e") == "&lt;b&gt;a&lt;/b&gt; &amp; \\u202e"


def test_long_names_leave_room_for_the_plot() -> None:
    assert label(f"openai:{'m' * 90}/step-by-step") == "openai:mmmmmmmm...mm/step-by-step"


def test_bars_of_one_name_do_not_fall_together(summary: Summary) -> None:
    table = summary.all_threads
    rows = tuple(replace(row, method=f"{'m' * 40}{row.method}{'m' * 40}") for row in table.rows)
    chart = means_chart(replace(summary, all_threads=replace(table, rows=rows)))
    names = [name for trace in chart.figure["data"] for name in trace["y"]]
    assert len(set(names)) == len(names) == len(chart.figure["layout"]["yaxis"]["categoryarray"])


def test_one_strategy_per_model_is_featured(summary: Summary) -> None:
    own = [method for method in featured_methods(summary) if method.startswith("loopwright:")]
    assert sorted(method.rpartition("/")[0] for method in own) == ["loopwright:embedded", "loopwright:none"]
    rows = {row.method: row.everywhere.geometric_mean or 0.0 for row in summary.all_threads.rows}
    embedded = next(method for method in own if "embedded" in method)
    assert rows[embedded] == max(value for method, value in rows.items() if method.startswith("loopwright:embedded"))


def test_bars_hold_value_and_interval(summary: Summary) -> None:
    index = summary.kernels.index("matmul")
    row = summary.all_threads.row("expert")
    assert row is not None
    timing = row.cells[index].timing
    assert timing is not None
    chart = kernel_charts(summary)[index]
    trace = next(trace for trace in chart.figure["data"] if trace["y"][0].startswith("expert"))
    assert 10 ** trace["x"][0] == pytest.approx(timing.median)
    assert timing.median * 10 ** trace["error_x"]["array"][0] == pytest.approx(timing.high)
    assert timing.median / 10 ** trace["error_x"]["arrayminus"][0] == pytest.approx(timing.low)


def test_bars_leave_out_what_counts_in_no_mean(summary: Summary) -> None:
    chart = kernel_charts(summary)[summary.kernels.index("bfs")]
    names = [name for trace in chart.figure["data"] for name in trace["y"]]
    assert not any("polly" in name or "icx" in name or "autopar" in name for name in names)
    assert any("clang-O3" in name for name in names)


def test_roofs_are_bandwidth_up_to_the_ridge(summary: Summary) -> None:
    peaks = (Peaks(2, bytes_per_s=1e10, double_flop_per_s=1e11, single_flop_per_s=2e11),)
    chart = roofline_chart(replace(summary, host=replace(summary.host, peaks=peaks)))
    assert chart is not None
    double = next(trace for trace in chart.figure["data"] if trace.get("name") == "2 threads, double precision")
    low, ridge, high = double["x"]
    assert (low < ridge < high, ridge) == (True, 10.0)
    assert double["y"] == [pytest.approx(low * 10.0), 100.0, 100.0]


def test_a_kernel_without_operations_is_not_in_the_roofline(summary: Summary) -> None:
    chart = roofline_chart(summary)
    assert chart is not None
    names = next(trace for trace in chart.figure["data"] if "text" in trace)
    assert sorted(names["text"]) == ["matmul", "maxpool"]
    assert all(math.isfinite(value) for value in names["y"])
    bytes_alone = [point for point in summary.roofline if point.kernel == "bfs"]
    assert roofline_chart(replace(summary, roofline=tuple(bytes_alone))) is None


def test_curves_name_the_parameter_that_varies(summary: Summary) -> None:
    curve = next(curve for curve in summary.size_curves if curve.kind is MethodKind.EXPERT)
    wide = replace(
        curve,
        points=tuple(
            replace(timing, sizes=(("filters", 64), ("height", 1000 * (3 - number)), ("width", 9 - number)))
            for number, timing in enumerate(curve.points)
        ),
    )
    [chart] = curve_charts(summary, (wide,), "s", "by size", by_threads=False)
    assert chart.figure["layout"]["xaxis"]["categoryarray"] == ["height=3000", "height=2000", "height=1000"]
