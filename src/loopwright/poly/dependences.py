"""Memory-based dependences of a nest: flow, anti and output pairs in execution order, and who carries them."""

from __future__ import annotations

from dataclasses import dataclass

import islpy as isl

from loopwright.core.codes import Code
from loopwright.core.dependence import Dependence, DependenceKind
from loopwright.core.nest import Access, AccessKind, Statement
from loopwright.core.variable import Storage, Variable
from loopwright.poly.convert import Deadline, to_map_text
from loopwright.poly.nest_sets import NestSets, ordered_at

_IN, _OUT = isl.dim_type.in_, isl.dim_type.out

Pairs = isl.Map
"""Pairs of statement instances, for those who hand them on without looking inside."""


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """The part of one pair of references that one loop carries.

    Attributes:
        kind: Flow, anti or output.
        variable: What both touch.
        source, sink: The statements; the source's instances run first.
        source_access, sink_access: Their references.
        carried_by: The loop; None if the pairs stay within one iteration of all shared loops.
        relation: Source instance -> sink instance.
    """

    kind: DependenceKind
    variable: Variable
    source: Statement
    sink: Statement
    source_access: Access
    sink_access: Access
    carried_by: str | None
    relation: isl.Map

    @property
    def exact(self) -> bool:
        """Return True if every pair really conflicts."""
        return self.source.exact and self.sink.exact and self.source_access.exact and self.sink_access.exact

    @property
    def doubt(self) -> tuple[Code, str, Access | Statement] | None:
        """Return why the edge is not exact: code, reason, and the reference or statement in question."""
        for part in (self.source_access, self.sink_access, self.source, self.sink):
            if not part.exact:
                return part.code or Code.ANALYSIS_LIMIT, part.reason or "the accesses are not known exactly", part
        return None


def carried_at(dependence: isl.Map, depth: int, *, descending: bool = False) -> isl.Map:
    """Return the part of ``dependence`` carried by the loop at ``depth``.

    A loop carries a dependence when source and sink run in the same iteration
    of every enclosing loop but in different iterations of this one.  If the
    result is empty for every dependence of the nest, the loop is parallel.

    Args:
        dependence: Source instance -> sink instance. The two statements share at least ``depth + 1`` loops.
        depth: Position of the loop, 0 for the outermost.
        descending: The loop counts downwards, so that higher values run first.

    Example:
        In ``for i: for j: A[i+1][j] = A[i][j]`` only the ``i`` loop carries
        the flow dependence, so ``j`` may run in parallel:

        >>> flow = isl.Map("[n] -> { S[i, j] -> S[i+1, j] : 0 <= i, j < n }")
        >>> carried_at(flow, depth=0).is_empty()
        False
        >>> carried_at(flow, depth=1).is_empty()
        True
    """
    # carried(d) = { s -> t in D : s[k] = t[k] for all k < d, and s[d] runs before t[d] }
    for outer in range(depth):
        dependence = dependence.equate(_IN, outer, _OUT, outer)
    return ordered_at(dependence, depth, descending=descending)


def is_own_copy(variable: Variable) -> bool:
    """Return True if each iteration of the loop that declares ``variable`` has an object of its own."""
    return variable.scope is not None and variable.storage is Storage.LOCAL and not variable.is_pointer


def find_edges(sets: NestSets, deadline: Deadline) -> tuple[Edge, ...]:
    """Return every pair of references that may touch one element, at least one writing, split by carrying loop.

    Pairs on a variable declared inside a loop relate instances of one iteration of that loop only, since the next
    iteration has another object.

    Raises:
        LimitError: The time is over.
    """
    edges: list[Edge] = []
    for variable in sets.nest.variables:
        references = _references(sets, variable)
        if not any(access.kind is AccessKind.WRITE for _, access in references):
            continue
        for index, (source, source_access) in enumerate(references):
            for sink, sink_access in references[index:]:
                if AccessKind.WRITE in (source_access.kind, sink_access.kind):
                    deadline.check()
                    edges += _edges_between(sets, variable, (source, source_access), (sink, sink_access))
    return tuple(edges)


def _references(sets: NestSets, variable: Variable) -> tuple[tuple[Statement, Access], ...]:
    """Return the references to ``variable``, those that no dependence can tell apart once."""
    found: dict[tuple[object, ...], tuple[Statement, Access]] = {}
    for statement in sets.nest.statements:
        for access in statement.accesses:
            if access.variable == variable.name:
                key = (statement.name, access.kind, access.relation, access.exact, access.is_update)
                found.setdefault(key, (statement, access))
    return tuple(found.values())


def _edges_between(
    sets: NestSets, variable: Variable, first: tuple[Statement, Access], second: tuple[Statement, Access]
) -> list[Edge]:
    conflict = sets.relation(first[0].name, first[1]).apply_range(sets.relation(second[0].name, second[1]).reverse())
    shared = first[0].loops[: sets.shared_depth(first[0], second[0])]
    if is_own_copy(variable) and variable.scope in shared:
        for depth in range(shared.index(variable.scope) + 1):
            conflict = conflict.equate(_IN, depth, _OUT, depth)
    if conflict.is_empty():
        return []
    edges = _edges_from(sets, variable, first, second, conflict)
    if first != second:
        edges += _edges_from(sets, variable, second, first, conflict.reverse())
    return edges


def _edges_from(
    sets: NestSets,
    variable: Variable,
    source: tuple[Statement, Access],
    sink: tuple[Statement, Access],
    conflict: isl.Map,
) -> list[Edge]:
    kind = _kind(source[1], sink[1])
    edges: list[Edge] = []
    for depth in range(sets.shared_depth(source[0], sink[0])):
        loop = source[0].loops[depth]
        relation = carried_at(conflict, depth, descending=loop in sets.descending)
        if not relation.is_empty():
            edges.append(Edge(kind, variable, source[0], sink[0], source[1], sink[1], loop, relation))
        conflict = conflict.equate(_IN, depth, _OUT, depth)
    if sets.is_before(source[0], sink[0]) and not conflict.is_empty():
        edges.append(Edge(kind, variable, source[0], sink[0], source[1], sink[1], None, conflict))
    return edges


def _kind(source: Access, sink: Access) -> DependenceKind:
    if source.kind is AccessKind.READ:
        return DependenceKind.ANTI
    return DependenceKind.FLOW if sink.kind is AccessKind.READ else DependenceKind.OUTPUT


def to_dependence(sets: NestSets, edge: Edge) -> Dependence:
    """Return ``edge`` as a value that can leave this package."""
    doubt = edge.doubt
    return Dependence(
        edge.kind,
        edge.variable.name,
        edge.source.name,
        edge.sink.name,
        edge.source_access.span,
        edge.sink_access.span,
        edge.carried_by,
        to_map_text(edge.relation),
        doubt is None,
        doubt[0] if doubt else None,
        doubt[1] if doubt else "",
        distances(sets, edge),
    )


def distances(sets: NestSets, edge: Edge) -> tuple[str, ...]:
    """Return per shared loop the distance in iterations, or its sign where it is not one number."""
    shared = sets.shared_depth(edge.source, edge.sink)
    first = shared if edge.carried_by is None else edge.source.loops.index(edge.carried_by)
    return ("0",) * first + tuple(_distance(sets, edge, depth) for depth in range(first, shared))


def _distance(sets: NestSets, edge: Edge, depth: int) -> str:
    sources, sinks = len(edge.source.loops), len(edge.sink.loops)
    pairs = edge.relation.project_out(_OUT, depth + 1, sinks - depth - 1).project_out(_OUT, 0, depth)
    pairs = pairs.project_out(_IN, depth + 1, sources - depth - 1).project_out(_IN, 0, depth)
    change = pairs.reset_tuple_id(_IN).reset_tuple_id(_OUT).deltas()
    low, high = change.dim_min_val(0), change.dim_max_val(0)
    loop = sets.nest.loop(edge.source.loops[depth])
    if loop.name in sets.descending:
        low, high = high.neg(), low.neg()
    if low.is_int() and low.eq(high):
        step = abs(int(loop.step)) if loop.step.lstrip("+-").isdecimal() else 1
        return str(int(low.to_python()) // max(1, step))
    return "+" if low.is_pos() else "-" if high.is_neg() else "*"
