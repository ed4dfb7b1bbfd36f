"""A table of a report, before it is Markdown or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a cell is set off. Never the only carrier of a meaning: the text says it, too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, whether it holds numbers (set to the right), and what it means if the title does not say."""

    title: str
    numeric: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell.

    Attributes:
        text: What it says.
        sort: What it is sorted by; None sorts last, or by the text in a column that is not numeric.
        detail: Said below, smaller.
        tone: How it is set off.
        note: For who points at it; nothing that is said nowhere else.
    """

    text: str
    sort: float | None = None
    detail: str = ""
    tone: Tone = Tone.PLAIN
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with row headings in its first column.

    Attributes:
        id: Unique in a report; lower-case words with hyphens.
        title: What it shows.
        caption: How to read it.
        columns: At least one.
        rows: Each as long as ``columns``.
        emphasised: Indices of rows that the reader looks for.
    """

    id: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    emphasised: frozenset[int] = frozenset()


NOTHING = TableCell("-", tone=Tone.MUTED)
"""Where there is nothing to say."""


def text_cell(text: str, tone: Tone = Tone.PLAIN) -> TableCell:
    """Return a cell of words."""
    return TableCell(text, tone=tone) if text else NOTHING
