"""Which reads see a value written in the same iteration, and what the last iteration leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import islpy as isl

from loopwright.core.nest import Access, AccessKind, Statement
from loopwright.poly.nest_sets import NestSets, ordered_at

MAX_COVERS = 64
"""Conditional writes beyond this many are not combined any more."""

_IN, _OUT, _SET = isl.dim_type.in_, isl.dim_type.out, isl.dim_type.set


@dataclass(frozen=True, slots=True, eq=False)
class UncoveredRead:
    """Instances of a read, with their elements, that no write of the same iteration must have come before."""

    statement: Statement
    access: Access
    relation: isl.Map


def uncovered_reads(sets: NestSets, variable: str, loop: str | None) -> tuple[UncoveredRead, ...]:
    """Return the reads of ``variable`` inside ``loop`` that may see a value from outside their own iteration of it.

    Only writes that surely happen count: exact references of statements with exact domains. An empty result means
    that each iteration of ``loop`` may work on a copy of its own. Without a loop, the reads that may see a value from
    before the nest.

    Example:
        In ``for i: { t = a[i]; b[i] = t; }`` nothing is uncovered; in ``for i: { b[i] = t; t = a[i]; }`` the read is.
    """
    return sets.remembered(("uncovered", variable, loop or ""), lambda: _find_uncovered(sets, variable, loop))


def _find_uncovered(sets: NestSets, variable: str, loop: str | None) -> tuple[UncoveredRead, ...]:
    # uncovered = { (r, e) in reads : there is no must-write (w, e) with w[0..d] = r[0..d] that runs before r }
    found: list[UncoveredRead] = []
    depth = 0 if loop is None else sets.nest.loop(loop).depth + 1
    references = references_inside(sets, variable, loop)
    for statement, access in references:
        if access.kind is not AccessKind.READ:
            continue
        open_reads = sets.relation(statement.name, access)
        for covered in _covers(sets, statement, references, depth):
            open_reads = open_reads.subtract(covered)
        if not open_reads.is_empty():
            found.append(UncoveredRead(statement, access, open_reads))
    return tuple(found)


def _covers(
    sets: NestSets, reader: Statement, references: tuple[tuple[Statement, Access], ...], depth: int
) -> list[isl.Map]:
    """Return (instance of ``reader`` -> element) pairs where a write of the same iteration surely came before."""
    # A write under conditions C covers a read under R if C - R is empty. Two writes, one under C + {c} and one under
    # C + {!c}, cover together what both cover; the `if` is then in the same iteration for all three.
    found: list[tuple[frozenset[str], bool, isl.Map]] = []
    for writer, write in references:
        if write.kind is not AccessKind.WRITE or not write.exact or not (writer.exact or writer.conditions):
            continue
        needed = frozenset(() if writer.exact else writer.conditions) - set(reader.conditions)
        shared = sets.shared_depth(writer, reader)
        earlier = sets.earlier(writer, reader, depth if writer.exact else shared)
        covered = earlier.reverse().apply_range(sets.relation(writer.name, write))
        found.append((needed, shared == len(writer.loops), covered))
    merged = 0
    while merged < len(found) <= MAX_COVERS:
        needed, is_level, covered = found[merged]
        for other, other_is_level, also in found[:merged]:
            apart = needed ^ other
            if is_level and other_is_level and len(apart) == 2 and len({name.lstrip("!") for name in apart}) == 1:
                found.append((needed & other, True, covered.intersect(also)))
        merged += 1
    return [covered for needed, _, covered in found if not needed]


def references_inside(sets: NestSets, variable: str, loop: str | None) -> tuple[tuple[Statement, Access], ...]:
    """Return the references to ``variable`` inside ``loop`` (None: the nest), in textual order of their statements."""
    return tuple(
        (statement, access)
        for statement in (sets.nest.statements if loop is None else sets.nest.inside(loop))
        for access in statement.accesses
        if access.variable == variable
    )


def is_written_inside(sets: NestSets, uncovered: UncoveredRead, loop: str) -> bool:
    """Return True if an element of ``uncovered`` may be written inside ``loop``, in this or another execution of it."""
    return any(
        access.kind is AccessKind.WRITE
        and not uncovered.relation.range().is_disjoint(sets.relation(statement.name, access).range())
        for statement, access in references_inside(sets, uncovered.access.variable, loop)
    )


def unwritten_last_iterations(sets: NestSets, variable: str, loop: str) -> isl.Set | None:
    """Return the sequentially last iterations of ``loop`` in which the scalar ``variable`` may not be written.

    None if the iterations of the loop are not known exactly. A loop without iterations has no last one.
    """
    # last = iterations without a later one in the same execution of the loop; unwritten = last - writing
    iterations = sets.iterations(loop)
    if iterations is None:
        return None
    depth = sets.nest.loop(loop).depth
    writing = isl.Set.empty(iterations.get_space())
    for statement, access in references_inside(sets, variable, loop):
        if access.kind is AccessKind.WRITE and access.exact and statement.exact:
            domain = sets.domain(statement.name)
            inner = domain.dim(_SET) - depth - 1
            writing = writing.union(domain.project_out(_SET, depth + 1, inner).reset_tuple_id())
    pairs = isl.Map.from_domain_and_range(iterations, iterations)
    for outer in range(depth):
        pairs = pairs.equate(_IN, outer, _OUT, outer)
    followed = ordered_at(pairs, depth, descending=loop in sets.descending).domain()
    return iterations.subtract(followed).subtract(writing)


def writes_leaving_value(sets: NestSets, variable: str, loop: str, writes: isl.Map) -> isl.Map | None:
    """Return the pairs of ``writes`` in executions of ``loop`` whose last iteration surely does not write ``variable``.

    ``writes`` are output pairs that ``loop`` carries; None if there are no such pairs or it is not known.
    """
    unwritten = unwritten_last_iterations(sets, variable, loop)
    if unwritten is None or not all(
        statement.exact and access.exact
        for statement, access in references_inside(sets, variable, loop)
        if access.kind is AccessKind.WRITE
    ):
        return None
    depth = sets.nest.loop(loop).depth
    outer = unwritten.project_out(_SET, depth, 1)
    space = writes.domain().get_space()
    around = outer.add_dims(_SET, space.dim(_SET) - depth).set_tuple_name(space.get_tuple_name(_SET) or "")
    pairs = writes.intersect_domain(around)
    return None if pairs.is_empty() else pairs


def always_runs(sets: NestSets, loop: str) -> bool:
    """Return True if the nest's context implies that ``loop`` has an iteration whenever it is reached."""
    iterations = sets.iterations(loop)
    parent = sets.nest.loop(loop).parent
    if iterations is None:
        return False
    if parent is None:
        return sets.context.is_subset(iterations.params())
    around = sets.iterations(parent)
    if around is None:
        return False
    return around.is_subset(iterations.project_out(_SET, around.dim(_SET), 1))


def always_written(sets: NestSets, variable: str, depth: int, loop: str) -> bool:
    """Return True if some iteration of ``loop`` surely writes ``variable`` wherever it has one.

    That is asked for each iteration of the ``depth`` outermost loops.
    """
    # E = outer iterations with one of loop; S = those with an instance that writes; always = E <= S
    iterations = sets.iterations(loop)
    if iterations is None:
        return False
    executions = iterations.project_out(_SET, depth, iterations.dim(_SET) - depth)
    writing = isl.Set.empty(executions.get_space())
    for statement, access in references_inside(sets, variable, loop):
        if access.kind is AccessKind.WRITE and access.exact and statement.exact:
            domain = sets.domain(statement.name)
            writing = writing.union(domain.project_out(_SET, depth, domain.dim(_SET) - depth).reset_tuple_id())
    return executions.is_subset(writing)
