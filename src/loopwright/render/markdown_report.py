"""Summary -> Markdown that can be committed: the same summary gives the same text.

Every value is escaped, so that a name or a reason cannot become a link, a heading or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.counted import counted
from loopwright.core.summary import Summary
from loopwright.render import bench_speed
from loopwright.render.bench_overview import headlines, host_table, machine_line
from loopwright.render.bench_proposers import making_table, proposer_tables
from loopwright.render.delivery_text import NOTHING_DELIVERED, DeliveryText, delivery_texts
from loopwright.render.metric_cells import KINDS, short_method
from loopwright.render.paper_tables import FURTHER_CLAIMS, INTRODUCTION, paper_tables
from loopwright.render.printable import printable
from loopwright.render.tables import Table, TableCell

_SPECIAL = re.compile(r"([\\`*_\[])")
# Not every dialect takes a backslash before these.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;"})
# What would begin a list or a heading at the start of a line.
_LEADING = re.compile(r"^(\d*)([-+=#.)])(?=\s|[=#])")


def render_markdown(summary: Summary) -> str:
    """Return the report as Markdown."""
    return "\n".join(_report(summary)).rstrip() + "\n"


def escaped(text: str) -> str:
    r"""Return ``text`` on one line, as Markdown shows it literally.

    >>> escaped("a | b_c <img>")
    'a &#124; b\\_c &lt;img&gt;'
    """
    flat = " ".join(printable(text).split())
    return _LEADING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", flat).translate(_ENTITIES))


def _report(summary: Summary) -> Iterator[str]:
    yield f"# Bench: {counted(len(summary.kernels), 'kernel')} on {escaped(summary.host.id)}"
    yield ""
    yield f"{escaped(machine_line(summary))}. loopwright {escaped(summary.version)}."
    yield ""
    yield from (f"- **{escaped(item.figure)}** {escaped(item.words)}" for item in headlines(summary))
    yield ""
    for note in summary.notes:
        yield f"> {escaped(note)}"
        yield ""
    yield "Every figure is defined in docs/bench-metrics.md. Brackets are 95% intervals."
    yield ""
    yield from _heading("Beside the paper")
    yield escaped(INTRODUCTION)
    yield ""
    yield from _tables(*paper_tables(summary))
    yield escaped(FURTHER_CLAIMS)
    yield ""
    yield from _heading("Models and strategies")
    yield from _tables(*proposer_tables(summary))
    yield from _heading("Speed-ups")
    yield escaped(KINDS)
    yield ""
    known = bench_speed.tables_of(summary)
    yield from _tables(*(bench_speed.speedup_table(table) for table in known))
    yield from _tables(bench_speed.fields_table(summary.all_threads))
    yield from _heading("Losses, objections, failures")
    yield from _tables(
        bench_speed.outcomes_table(summary.all_threads),
        bench_speed.losses_table(summary),
        bench_speed.objections_table(summary),
        bench_speed.inapplicable_table(summary),
    )
    yield from _heading("Roofline")
    yield from _tables(bench_speed.roofline_table(summary.roofline))
    yield from _heading("Scaling")
    yield from _tables(
        bench_speed.curves_table("sizes", "Scaling in size", summary.size_curves, by_threads=False),
        bench_speed.curves_table("threads", "Scaling in threads", summary.thread_curves, by_threads=True),
    )
    yield from _heading("Delivered nests")
    for delivery in delivery_texts(summary):
        yield from _delivery(delivery)
    if not summary.deliveries:
        yield NOTHING_DELIVERED
        yield ""
    yield from _heading("Host and versions")
    yield from _tables(host_table(summary), making_table(summary))


def _heading(text: str) -> tuple[str, str]:
    return f"## {text}", ""


def _tables(*tables: Table) -> Iterator[str]:
    for table in tables:
        yield f"### {escaped(table.title)}"
        yield ""
        if not table.rows:
            yield "None."
            yield ""
            continue
        yield escaped(table.caption)
        yield ""
        titles = [column.title + (f" ({column.hint})" if column.hint else "") for column in table.columns]
        yield f"| {' | '.join(map(escaped, titles))} |"
        yield f"| {' | '.join('---:' if column.numeric else '---' for column in table.columns)} |"
        for row in table.rows:
            yield f"| {' | '.join(map(_cell, row))} |"
        yield ""


def _cell(cell: TableCell) -> str:
    detail = cell.detail if cell.detail.startswith(("[", "(")) or not cell.detail else f"({cell.detail})"
    return escaped(f"{cell.text} {detail}")


def _delivery(delivery: DeliveryText) -> Iterator[str]:
    best = f", {delivery.best}" if delivery.best else ""
    yield f"### {escaped(f'{delivery.kernel}: {delivery.nest}')} ({escaped(delivery.label)}{escaped(best)})"
    yield ""
    yield f"By {escaped(', '.join(map(short_method, delivery.methods)))}."
    if delivery.elsewhere:
        yield f"The same patch changes {escaped('; '.join(delivery.elsewhere))}."
    yield ""
    yield from (f"- plan: {escaped(line)}" for line in delivery.plan)
    yield from (f"- assumes: {escaped(line)}" for line in delivery.assumptions)
    yield from (
        f"- {finding.stage}: {finding.outcome}{f' {finding.code}' if finding.code else ''}, {escaped(finding.detail)}"
        for finding in delivery.findings
    )
    yield from (f"- timed: {escaped(short_method(name))} {_cell(cell)}" for name, cell in delivery.fields)
    if delivery.measured:
        yield f"- when it was found: {escaped(delivery.measured)}"
    yield ""
    if delivery.patch:
        fence = _fence(delivery.patch)
        yield f"{fence}diff"
        yield from map(printable, delivery.patch)
        yield fence
        yield ""


def _fence(lines: tuple[str, ...]) -> str:
    """Return a fence that is longer than any that the lines hold."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    return "`" * max(3, longest + 1)
