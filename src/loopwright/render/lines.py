"""The two kinds of line in a text report: prose, which wraps under its own indent, and code, which never wraps."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from loopwright.render.printable import printable

STYLES = {
    "proved": "green",
    "tested": "yellow",
    "delivered": "green",
    "undecided": "yellow",
    "kept": "yellow",
    "refuted": "red",
    "refused": "red",
    "unsupported": "red",
    "pass": "green",
    "fail": "red",
    "skipped": "yellow",
    "yes": "green",
    "no": "red",
    "ok": "green",
    "error": "red",
    "warning": "yellow",
    "ready": "green",
    "race": "red",
    "race-free": "green",
    "unknown": "yellow",
}
# However narrow the terminal, prose gets this many columns.
MIN_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that wraps under its own beginning, with a label before its first line and no space behind any.

    Attributes:
        text: The text.
        indent: Columns before the label.
        label: A word in a column of its own; "" for none.
        label_width: Columns of the label.
        style: Of the text.
    """

    text: str
    indent: int = 0
    label: str = ""
    label_width: int = 0
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one line after the other."""
        hang = self.indent + self.label_width
        label = Text(" " * self.indent)
        # A label as wide as its column still needs a space behind it.
        shown = f"{self.label} " if self.label else ""
        label.append(shown.ljust(self.label_width), STYLES.get(self.label, "dim"))
        width = max(options.max_width - hang, MIN_WIDTH)
        body = Text(printable(self.text), style=self.style)
        for line in body.wrap(console, width, justify="left", overflow="fold") or [Text()]:
            line.rstrip()
            whole = label + line
            whole.rstrip()
            whole.no_wrap, whole.overflow = True, "ignore"
            yield whole
            label = Text(" " * hang)


def prose(text: str, indent: int = 0, style: str = "") -> RenderableType:
    """Return a paragraph that wraps at the width of the terminal, each line under the first."""
    return Paragraph(text, indent, style=style)


def code(text: str, indent: int = 0) -> RenderableType:
    """Return one line of code, kept on one line however narrow the terminal is."""
    return Text(" " * indent + printable(text), no_wrap=True, overflow="ignore")


def labelled(label: str, text: str, indent: int = 0, width: int = 10) -> RenderableType:
    """Return ``label`` in a column of its own, in its word's colour, and the wrapped text beside it."""
    return Paragraph(text, indent, label, width)


def heading(text: str) -> RenderableType:
    """Return the first line of a part of the report."""
    return Paragraph(text, style="bold")
