"""Privatize(variable): each thread may work on a copy of its own; which clause that takes."""

from __future__ import annotations

from enum import StrEnum

from loopwright.core.codes import Code
from loopwright.core.dependence import DependenceKind
from loopwright.core.nest import AccessKind
from loopwright.core.variable import Variable
from loopwright.legality.last_value import last_write
from loopwright.legality.obstacle import Obstacle
from loopwright.legality.state import Region, clause_obstacle
from loopwright.poly.dependences import Edge, Pairs
from loopwright.poly.flow import (
    UncoveredRead,
    is_written_inside,
    uncovered_reads,
    unwritten_last_iterations,
    writes_leaving_value,
)


class Clause(StrEnum):
    """OpenMP's clauses for copies. NONE: the variable is not written, so all threads may read the one there is."""

    NONE = ""
    PRIVATE = "private"
    FIRSTPRIVATE = "firstprivate"
    LASTPRIVATE = "lastprivate"


def check_privatize(region: Region, name: str) -> Clause | Obstacle:
    """Return the clause that gives each thread its own ``name`` in ``region``, or why none is right.

    Example:
        ``for i: { t = a[i]; b[i] = t * t; }`` takes ``private(t)``, or ``lastprivate(t)`` if ``t`` is used afterwards.
        In ``for i: { b[i] = t; t = a[i]; }`` the value crosses iterations.
    """
    # private(x, L)      = every read of x in an iteration of L is covered by a must-write of the same iteration,
    #                      and x is not live after L
    # firstprivate(x, L) = the same, but what is not covered is never written in L
    # lastprivate(x, L)  = as private, x a scalar that is live after L and that the last iteration of L must write,
    #                      if need be under a condition in front of the nest
    variable = region.state.nest.variable(name)
    if not any(access.kind is AccessKind.WRITE for _, access in region.references(name)):
        return Clause.NONE
    obstacle = clause_obstacle(region, variable)
    if obstacle is not None:
        return obstacle
    sets = region.facts.sets
    uncovered = uncovered_reads(sets, name, region.iteration)
    for read in uncovered:
        if is_written_inside(sets, read, region.outermost.name):
            return _crosses(region, variable, uncovered)
    if is_live_after(region, variable):
        return Clause.LASTPRIVATE if not uncovered and _last_is_kept(region, variable) else _last_lost(region, variable)
    return Clause.FIRSTPRIVATE if uncovered else Clause.PRIVATE


def is_live_after(region: Region, variable: Variable) -> bool:
    """Return True if the value that ``region`` leaves in ``variable`` may be read later, after the nest or in it."""
    if variable.live_out:
        return True
    inside = {statement.name for statement in region.statements}
    for edge in region.facts.edges:
        if (
            edge.variable.name == variable.name
            and edge.kind is DependenceKind.FLOW
            and edge.source.name in inside
            and edge.sink.name not in inside
            and not _is_covered_outside(region, edge)
        ):
            return True
    return False


def _is_covered_outside(region: Region, edge: Edge) -> bool:
    """Return True if the sink's read sees a value written in its own iteration of a loop beside the region."""
    shared = region.facts.sets.shared_depth(edge.source, edge.sink)
    depth = min(shared, region.outermost.depth)
    if depth >= len(edge.sink.loops):
        return False
    beside = edge.sink.loops[depth]
    reads = uncovered_reads(region.facts.sets, edge.variable.name, beside)
    return all(read.statement.name != edge.sink.name for read in reads)


def _crosses(region: Region, variable: Variable, uncovered: tuple[UncoveredRead, ...]) -> Obstacle:
    code = Code.VALUE_CROSSES_ITERATIONS
    reason = f"`{variable.name}` is read before the iteration has written it"
    best: tuple[Edge, Pairs] | None = None
    for edge in region.facts.edges:
        pairs = region.carried(edge) if edge.kind is DependenceKind.FLOW else None
        for read in uncovered:
            if (
                pairs is None
                or edge.sink.name != read.statement.name
                or edge.sink_access.relation != read.access.relation
            ):
                continue
            crossing = pairs.intersect_range(read.relation.domain())
            if not crossing.is_empty() and (best is None or _is_plainer(edge, best[0])):
                best = (edge, crossing)
    if best is None:
        span = uncovered[0].access.span
        is_known = all(statement.exact and access.exact for statement, access in region.references(variable.name))
        # It comes from in front of the region, and no clause takes one value in and lets threads change it.
        return Obstacle(code, reason, span=span, is_unsayable=is_known)
    edge, pairs = best
    if edge.exact:
        if not variable.rank and _is_computed_from_itself(region, variable.name):
            code = Code.REDUCTION_NOT_ASSOCIATIVE
            reason = f"`{variable.name}` is computed from its last value, in a form that is not a reduction"
        return Obstacle(code, reason, refutes=True, edge=edge, pairs=pairs)
    return Obstacle(code, f"{reason}, as far as is known", edge=edge, waivable=True, span=edge.sink_access.span)


def _is_plainer(edge: Edge, other: Edge) -> bool:
    """Return True if ``edge`` shows more: it is exact, or carried further in, so that its ends are closer."""
    if edge.exact != other.exact:
        return edge.exact
    depths = [item.source.loops.index(item.carried_by) if item.carried_by else 0 for item in (edge, other)]
    return depths[0] > depths[1]


def _is_computed_from_itself(region: Region, name: str) -> bool:
    """Return True if every statement that uses the variable reads and writes it, as in ``s = a[i] - s``."""
    kinds: dict[str, set[AccessKind]] = {}
    for statement, access in region.references(name):
        kinds.setdefault(statement.name, set()).add(access.kind)
    return all(len(found) == 2 for found in kinds.values())


def _last_is_kept(region: Region, variable: Variable) -> bool:
    if variable.rank or region.is_reordered or len(region.loops) > 1:
        return False
    return last_write(region, variable) is not None


def _last_lost(region: Region, variable: Variable) -> Obstacle:
    code, name = Code.LAST_VALUE_USED, variable.name
    reason = f"the value that the loop leaves in `{name}` may be used after it, and "
    if variable.rank:
        return Obstacle(code, reason + "an array is not carried back", span=variable.declaration, is_unsayable=True)
    if region.is_reordered or len(region.loops) > 1:
        reason += "only a loop in its own order carries it back"
        return Obstacle(code, reason, span=variable.declaration, is_unsayable=True)
    if unwritten_last_iterations(region.facts.sets, name, region.name) is None:
        return Obstacle(code, reason + "which iteration is the last is not known", span=variable.declaration)
    reason += "the last iteration does not always write it"
    writes = [item for item in region.references(name) if item[1].kind is AccessKind.WRITE]
    is_known = all(statement.exact and access.exact for statement, access in writes)
    spans = [access.span for _, access in writes]
    for edge in region.facts.edges:
        if edge.variable.name == name and edge.kind is DependenceKind.OUTPUT and edge.exact:
            pairs = region.carried(edge)
            pairs = writes_leaving_value(region.facts.sets, name, region.name, pairs) if pairs is not None else None
            if pairs is not None:
                return Obstacle(code, reason, refutes=True, edge=edge, pairs=pairs)
    return Obstacle(code, reason, span=spans[0] if spans else variable.declaration, is_unsayable=is_known)
