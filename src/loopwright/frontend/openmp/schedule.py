"""What a ``schedule`` clause says of the threads that run a loop's iterations (OpenMP 5.2, 11.5.3)."""

from __future__ import annotations

from loopwright.frontend.affine import Poly
from loopwright.frontend.openmp.directives import Directive


def schedule_of(directive: Directive) -> tuple[str, str]:
    """Return kind and chunk size as written, each empty if absent."""
    schedule = next((clause.argument or "" for clause in directive.named("schedule")), "")
    # The modifiers in front change nothing of a loop without lanes.
    kind, _, chunk = schedule.rpartition(":")[2].replace(" ", "").partition(",")
    return kind, chunk


def static_chunk(directive: Directive, first: Poly | None) -> tuple[int | None, int]:
    """Return ``Context.chunk`` and ``Context.first`` of a loop with a known step.

    Args:
        directive: Of the loop.
        first: What its iterator begins with; None if that is not known, or of a collapsed nest.
    """
    kind, chunk = schedule_of(directive)
    if kind != "static":
        return None, 0
    start = first.constant if first is not None else None
    return (int(chunk), start) if chunk.isdecimal() and start is not None else (0, 0)
