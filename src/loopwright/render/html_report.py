"""Summary -> one HTML file that needs nothing else.

The file holds its style, its data and plotly's script, and its policy forbids every connection and every script but
the two that are in it, by their hashes. So even text that slipped through the escaping could do nothing; nothing
should: every value is escaped where it is written, and made printable first.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from functools import cache
from importlib import resources
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.summary import Summary
from loopwright.core.verdict import Outcome
from loopwright.errors import UserError
from loopwright.render import bench_proposers, bench_speed
from loopwright.render.bar_charts import kernel_charts, means_chart
from loopwright.render.bench_overview import headlines, host_table, machine_line
from loopwright.render.charts import Chart, heat_charts, legend_of
from loopwright.render.delivery_text import NOTHING_DELIVERED, delivery_texts
from loopwright.render.metric_cells import KINDS
from loopwright.render.paper_tables import FURTHER_CLAIMS, INTRODUCTION, paper_tables
from loopwright.render.printable import printable
from loopwright.render.quantities import threads_text
from loopwright.render.roofline_chart import roofline_chart
from loopwright.render.scaling_charts import curve_charts
from loopwright.render.tables import Table

SECTIONS = (
    ("overview", "Overview"),
    ("paper", "Beside the paper"),
    ("proposers", "Models and strategies"),
    ("speed", "Speed-ups"),
    ("losses", "Losses"),
    ("roofline", "Roofline"),
    ("scaling", "Scaling"),
    ("deliveries", "Delivered nests"),
    ("host", "Host"),
)
_LINE_KINDS = {"+": "add", "-": "del", "@": "hunk"}
_OUTCOME_TONES = {Outcome.PASS: "good", Outcome.FAIL: "bad", Outcome.SKIPPED: "warning"}


def render_html(summary: Summary) -> str:
    """Return the report as one HTML document.

    Raises:
        UserError: plotly, whose script the file holds, is not installed.
    """
    plotly, script = _plotly_script(), _asset("report.js")
    heats = heat_charts(summary)
    means = means_chart(summary)
    kernels = kernel_charts(summary)
    roofline = roofline_chart(summary)
    sizes = curve_charts(summary, summary.size_curves, "chart-size", "by rising size", by_threads=False)
    threads = curve_charts(summary, summary.thread_curves, "chart-threads", "by number of threads", by_threads=True)
    drawn = [*heats, means, *kernels, *([roofline] if roofline is not None else []), *sizes, *threads]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            summary=summary,
            policy=_policy(plotly, script),
            style=Markup(_asset("report.css")),
            plotly=Markup(plotly),
            script=Markup(script),
            figures=Markup(_figures(drawn)),
            sections=SECTIONS,
            machine=machine_line(summary),
            headlines=headlines(summary),
            paper_introduction=INTRODUCTION,
            paper_tables=paper_tables(summary),
            further_claims=FURTHER_CLAIMS,
            proposer_tables=bench_proposers.proposer_tables(summary),
            heat_charts=heats,
            kinds_of_methods=KINDS,
            legend=legend_of(summary.all_threads),
            means_chart=means,
            kernel_charts=kernels,
            threads=threads_text(summary.all_threads.threads),
            speed_tables=_speed_tables(summary),
            loss_tables=_loss_tables(summary),
            roofline_chart=roofline,
            roofline_table=bench_speed.roofline_table(summary.roofline),
            size_charts=sizes,
            thread_charts=threads,
            scaling_tables=_scaling_tables(summary),
            deliveries=delivery_texts(summary),
            nothing_delivered=NOTHING_DELIVERED,
            kernels=counted(len(summary.kernels), "kernel"),
            host_table=host_table(summary),
            making_table=bench_proposers.making_table(summary),
            kinds=_LINE_KINDS,
            outcomes=_OUTCOME_TONES,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("loopwright.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    """Return what a template writes: foreign text without what no reader sees, and without half characters."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    text = resources.files("loopwright.render").joinpath("templates", name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")


@cache
def _plotly_script() -> str:
    try:
        file = resources.files("plotly").joinpath("package_data", "plotly.min.js")
        text = file.read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        raise UserError(
            Code.EXTRA_MISSING, "the HTML report needs plotly", "pip install 'loopwright[bench]', or write Markdown"
        ) from None
    # A script ends at the first such tag, wherever it stands; a browser hashes what it has read, with its line ends.
    return text.replace("</script", "<\\/script").replace("\r\n", "\n")


def _policy(*scripts: str) -> str:
    """Return a Content-Security-Policy: no connection at all, and no script but these."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    # plotly writes style sheets and style attributes; it makes images of blobs only when asked for one.
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _figures(charts: list[Chart]) -> str:
    """Return the figures as JSON that may stand inside a script element."""
    text = json.dumps({chart.id: _finite(chart.figure) for chart in charts}, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_finite(item) for item in cast("list[Any]", value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _speed_tables(summary: Summary) -> tuple[Table, ...]:
    known = bench_speed.tables_of(summary)
    return (
        *(bench_speed.speedup_table(table) for table in known),
        *(bench_speed.fields_table(table) for table in known[:1]),
    )


def _loss_tables(summary: Summary) -> tuple[Table, ...]:
    return (
        bench_speed.outcomes_table(summary.all_threads),
        bench_speed.losses_table(summary),
        bench_speed.objections_table(summary),
        bench_speed.inapplicable_table(summary),
    )


def _scaling_tables(summary: Summary) -> tuple[Table, ...]:
    return (
        bench_speed.curves_table("sizes", "Scaling in size", summary.size_curves, by_threads=False),
        bench_speed.curves_table("threads", "Scaling in threads", summary.thread_curves, by_threads=True),
    )
