"""Progress on standard error: a spinner on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from loopwright.render.printable import printable

Say = Callable[[str], None]


@contextmanager
def progress() -> Generator[Say]:
    """Yield a function that tells the user what is being done; it never writes to standard output.

    Warnings (messages that start with ``warning:``) stay on the screen; on a terminal everything else is
    one line that the next message replaces.
    """
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    start = time.monotonic()
    if not console.is_terminal:
        last = ""

        def say_line(message: str) -> None:
            nonlocal last
            if message != last:
                last = message
                # In one piece: ``print`` writes the end of the line apart, and Ctrl-C may come between.
                sys.stderr.write(f"loopwright: {printable(message)}\n")
                sys.stderr.flush()

        yield say_line
        return
    with console.status("starting", spinner="line") as status:

        def say_status(message: str) -> None:
            text = printable(message)
            if text.startswith("warning:"):
                console.print(f"loopwright: {text}")
            else:
                width = max(20, console.width - 12)
                shown = text if len(text) <= width else f"{text[: width - 3]}..."
                status.update(Text(f"{time.monotonic() - start:4.0f}s {shown}"))

        yield say_status
