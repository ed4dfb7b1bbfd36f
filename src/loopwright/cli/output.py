"""Standard output: one renderable for people, or one JSON document alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console, RenderableType

from loopwright.render.json_report import Document

# What a file or a pipe gets; a terminal says its own width.
PIPE_WIDTH = 120


def print_document(document: Document) -> None:
    """Write ``document`` to standard output."""
    print(to_json(document), flush=True)


def to_json(document: Document) -> str:
    """Return ``document`` as ASCII, so that it survives any locale and any byte of the user's file."""
    return json.dumps(document, indent=2, allow_nan=False)


def print_text(report: RenderableType) -> None:
    """Write ``report`` to standard output, in colour where that is a terminal that wants it."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=PIPE_WIDTH)
    # Rendered first and written here, for rich leaves the program by itself where standard output is closed.
    with console.capture() as capture:
        console.print(report, crop=False)
    sys.stdout.write(capture.get())
    sys.stdout.flush()


def source_lines(path: Path) -> tuple[str, ...]:
    """Return the lines of the user's file for quotations, or nothing if it cannot be read any more."""
    try:
        return tuple(path.read_bytes().decode("utf-8", "replace").split("\n"))
    except OSError:
        return ()
