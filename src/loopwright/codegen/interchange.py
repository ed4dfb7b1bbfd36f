"""Putting the loops of a band into another order."""

from __future__ import annotations

from loopwright.codegen.band import BandLoop
from loopwright.codegen.refusal import refuse
from loopwright.core.codes import Code
from loopwright.core.plan import Interchange


def interchange(order: tuple[BandLoop, ...], step: Interchange) -> tuple[BandLoop, ...]:
    """Return ``order`` with the loops that ``step`` names in its order, at the places that they hold together."""
    by_name = {loop.name: loop for loop in order}
    if len(set(step.order)) != len(step.order) or not set(step.order) <= set(by_name):
        refuse(Code.STEP_DOES_NOT_FIT, f"the loops {', '.join(step.order)} are not one band")
    named = iter(step.order)
    return tuple(by_name[next(named)] if loop.name in step.order else loop for loop in order)
