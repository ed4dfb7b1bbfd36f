"""What makes sure that the last iteration of a loop writes a scalar, so that ``lastprivate`` carries its value back."""

from __future__ import annotations

import re

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind, Loop, LoopKind, Statement
from loopwright.core.variable import Variable
from loopwright.legality.state import Region
from loopwright.poly.flow import unwritten_last_iterations

_PLAIN = re.compile(r"[\w\s()+\-*/%?:<>=]+")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def last_write(region: Region, variable: Variable) -> tuple[Assumption, ...] | None:
    """Return what it takes that the last iteration of ``region`` writes the scalar ``variable``; None if nothing does.

    An empty answer says that it always does. The loop is taken to have an iteration.

    Example:
        In ``for i: for (j = 0; j < m; j++) { t = a[i][j]; ... }`` the last iteration writes ``t`` if ``m > 0``.
    """
    # lost(L)  = last iterations of L that do not write x
    # some(S)  = parameters for which each loop between L and the write S has an iteration; their bounds hold none of
    #            the nest's variables, so that a loop which has one at all has one wherever it is reached
    # kept     = lost is empty, or for some S: lost and some(S) are disjoint, and C conditions in front imply some(S)
    sets = region.facts.sets
    lost = unwritten_last_iterations(sets, variable.name, region.name)
    if lost is None or lost.is_empty():
        return None if lost is None else ()
    for statement, access in region.references(variable.name):
        if access.kind is not AccessKind.WRITE:
            continue
        inner = [region.state.nest.loop(name) for name in _between(region, statement)]
        found = iterations_of(region, [loop.name for loop in inner], variable.name)
        reached = [sets.iterations(loop.name) for loop in inner]
        if not inner or found is None or any(each is None for each in reached):
            continue
        left = lost
        for each in reached:
            left = left.intersect_params(each.params()) if each is not None else left
        if left.is_empty():
            return found
    return None


def iterations_of(region: Region, loops: list[str], name: str) -> tuple[Assumption, ...] | None:
    """Return that each of ``loops`` inside the region, which write ``name``, has an iteration whenever it is reached.

    None if no condition in front of the nest says so.
    """
    found: list[Assumption] = []
    for loop in (region.state.nest.loop(each) for each in loops):
        guard = _guard(region, loop)
        if not guard:
            return None
        text = f"the loop over `{loop.iterator}`, which writes `{name}`, has an iteration"
        found.append(Assumption(AssumptionKind.TRIP_COUNT, text, guard, Code.TRIP_COUNT, (name,)))
    return tuple(found)


def has_iteration(loop: Loop) -> str:
    """Return a C condition under which the loop has an iteration; ``""`` if there is none in front of it."""
    if loop.trip_count:
        return f"({loop.trip_count}) > 0"
    step = re.fullmatch(r"([+-]?)\d+", loop.step)
    is_plain = all(_PLAIN.fullmatch(text) and not re.search(r"\w\s*\(", text) for text in (loop.lower, loop.upper))
    if loop.kind is not LoopKind.COUNTED or step is None or not is_plain:
        return ""
    relation = ">" if step[1] == "-" else "<"
    # What the header compares: the first value as the iterator holds it.
    return f"({loop.iterator_type.spelling})({loop.lower}) {relation} ({loop.upper})"


def _between(region: Region, statement: Statement) -> tuple[str, ...]:
    """Return the loops between the region's loop and a statement in it."""
    return statement.loops[statement.loops.index(region.name) + 1 :]


def _guard(region: Region, loop: Loop) -> str:
    """Return ``has_iteration`` if it means the same in front of the nest as in front of ``loop``; else ``""``."""
    nest = region.state.nest
    guard = "" if loop.is_inlined else has_iteration(loop)
    known = {name for each in nest.parameters for name in _NAME.findall(each.expression)}
    known |= set(_NAME.findall(loop.iterator_type.spelling))
    changing = {each.iterator for each in nest.loops}
    changing |= {
        nest.variable(access.variable).identifier
        for statement in nest.statements
        for access in statement.accesses
        if access.kind is AccessKind.WRITE
    }
    named = set(_NAME.findall(guard))
    return guard if named <= known - changing and nest.can_evaluate(guard) else ""
