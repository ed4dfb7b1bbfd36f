"""Cells of the tables of metrics: speed-ups, scores, shares, rates with their counts, times."""

from __future__ import annotations

from loopwright.core.campaign import MethodKind
from loopwright.core.metrics import Rate, SpeedUps
from loopwright.core.summary import MethodRow
from loopwright.render.quantities import bytes_text, rate_text, score_text, share_text, speedup_text
from loopwright.render.tables import NOTHING, TableCell, Tone
from loopwright.render.wording import duration_text

KINDS = (
    "Kinds of methods: serial, gcc and clang with -O3 on one thread; compiler, a compiler told to do more than that "
    "with the same file; tuner, a scheduling language that searches for the schedule of an algorithm written by hand; "
    "library, code that others tuned; expert, our own C with OpenMP; loopwright, what a model and a strategy delivered."
)


def short_method(method: str) -> str:
    """Return a method's name where its kind is said beside it.

    >>> short_method("loopwright:embedded/tot")
    'embedded/tot'
    """
    return method.removeprefix("loopwright:")


def method_cell(method: str, kind: MethodKind, note: str = "") -> TableCell:
    """Return a method and, below, what makes its code."""
    return TableCell(short_method(method), detail=kind.value, note=note)


def row_cell(row: MethodRow) -> TableCell:
    """Return the heading of a method's row."""
    return method_cell(row.method, row.kind, row.label)


def speed_cell(value: float | None, detail: str = "") -> TableCell:
    """Return a speed-up that we measured."""
    return NOTHING if value is None else TableCell(speedup_text(value), value, detail)


def speed_cells(speedups: SpeedUps) -> tuple[TableCell, TableCell, TableCell]:
    """Return arithmetic mean, geometric mean and best."""
    return (
        speed_cell(speedups.mean),
        speed_cell(speedups.geometric_mean),
        speed_cell(speedups.best, speedups.best_on),
    )


def claim_cell(value: float | None, detail: str = "") -> TableCell:
    """Return a speed-up as the paper prints it."""
    return NOTHING if value is None else TableCell(f"{value:g}x", value, detail)


def score_cell(value: float | None) -> TableCell:
    """Return a score between 0 and 1."""
    return NOTHING if value is None else TableCell(score_text(value), value)


def share_cell(value: float | None) -> TableCell:
    """Return a share of which no counts are known."""
    return NOTHING if value is None else TableCell(share_text(value), value)


def rate_cell(rate: Rate) -> TableCell:
    """Return a share of all with its counts; none where nothing was judged, which would read as all wrong."""
    if rate.share is None:
        return NOTHING
    if not rate.reached:
        return TableCell("-", detail=rate_text(rate), tone=Tone.MUTED)
    return TableCell(share_text(rate.share), rate.share, rate_text(rate))


def promise_cell(rate: Rate) -> TableCell:
    """Return a rate that must be 100% of what was judged: not yet timed is not wrong, and anything wrong stands out."""
    share = rate.share_of_judged
    if share is None:
        return TableCell("-", detail=f"0 of {rate.total} timed", tone=Tone.MUTED) if rate.total else NOTHING
    untimed = f", {rate.total - rate.reached} not timed" if rate.total > rate.reached else ""
    tone = Tone.GOOD if share == 1.0 else Tone.BAD
    return TableCell(share_text(share), share, f"{rate.passed} of {rate.reached}{untimed}", tone)


def seconds_cell(value: float | None) -> TableCell:
    """Return a time in the unit that reads best."""
    return NOTHING if value is None or value <= 0.0 else TableCell(duration_text(value), value)


def bytes_cell(value: int) -> TableCell:
    """Return an amount of memory; 0 is unknown."""
    return NOTHING if value <= 0 else TableCell(bytes_text(value), value)


def count_cell(number: int) -> TableCell:
    """Return a count; nothing to see recedes."""
    return TableCell(f"{number:,}", number, tone=Tone.PLAIN if number else Tone.MUTED)
