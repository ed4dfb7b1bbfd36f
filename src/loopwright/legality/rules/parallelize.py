"""Parallelize(loop, schedule, chunk, collapse, num_threads): iterations on several threads."""

from __future__ import annotations

import re

from loopwright.core.codes import Code
from loopwright.core.dependence import DependenceKind
from loopwright.core.nest import Loop
from loopwright.core.plan import Parallelize, Schedule
from loopwright.legality.environment import RegionAnswer
from loopwright.legality.obstacle import Obstacle, from_edge, misfit
from loopwright.legality.state import PlanState, Region, obstacle_of_loop
from loopwright.poly.dependences import Edge, Pairs
from loopwright.poly.flow import uncovered_reads
from loopwright.poly.witness import has_witness

MAX_THREADS = 1024
MAX_CHUNK = 1 << 30
_KINDS = {
    DependenceKind.FLOW: (Code.FLOW_DEPENDENCE, "an iteration reads `{}` that an earlier one has written"),
    DependenceKind.ANTI: (Code.ANTI_DEPENDENCE, "an iteration overwrites `{}` that an earlier one has read"),
    DependenceKind.OUTPUT: (Code.OUTPUT_DEPENDENCE, "two iterations write `{}`, and the later one's value must stay"),
}


def parallel_region(state: PlanState, step: Parallelize) -> Region | Obstacle:
    """Return the loops that the step runs in parallel, or why they have no such directive."""
    if state.dimension(step.loop) is None:
        return misfit(f"there is no loop `{step.loop}`")
    if step.num_threads is not None and not 1 <= step.num_threads <= MAX_THREADS:
        return misfit(f"{step.num_threads} is not a number of threads")
    if step.chunk is not None and (step.schedule is Schedule.AUTO or not 1 <= step.chunk <= MAX_CHUNK):
        return misfit(f"a chunk of {step.chunk} does not go with the schedule `{step.schedule}`")
    chain = state.chain(step.loop)
    if not 1 <= step.collapse <= len(chain):
        return misfit(
            f"{step.collapse} loops cannot be collapsed: {len(chain)} are perfectly nested from `{step.loop}`"
        )
    region = Region(state, chain[: step.collapse])
    for name in region.originals:
        obstacle = obstacle_of_loop(state.nest, state.nest.loop(name), directive=True)
        if obstacle is not None:
            return obstacle
    return _check_rectangular(state, region) or region


def _check_rectangular(state: PlanState, region: Region) -> Obstacle | None:
    outer: list[str] = []
    for name in region.loops:
        dimension = state.dimension(name)
        if dimension is None:
            continue
        loop = state.nest.loop(dimension.loop)
        if not dimension.tile and any(other == loop.name for other in outer):
            return misfit(f"the bounds of `{name}` depend on its tile, so they cannot be collapsed")
        band = state.band_of(loop.name)
        known = {state.nest.loop(item).iterator for item in (*outer, *(band if len(band) > 1 else ()))}
        if known & _identifiers(loop) - {loop.iterator}:
            return misfit(f"the bounds of `{loop.name}` depend on another loop that is to be collapsed")
        outer.append(loop.name)
    return None


def _identifiers(loop: Loop) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", f"{loop.lower} {loop.upper} {loop.step} {loop.trip_count}"))


def find_carried(region: Region, answer: RegionAnswer) -> Obstacle | None:
    """Return the dependence that forbids to run ``region`` in parallel, or None if there is none.

    An exact one is preferred; then a value that really flows, before storage that is only used again.

    Example:
        ``for i: a[i] = a[i - 1]`` carries a flow dependence; in ``for i: a[i] = b[i]`` nothing is left, and it becomes
        ``#pragma omp parallel for``.
    """
    # parallel(L) = for all (s -> t) in D without those on private, reduction and atomic variables: not carried by L
    best: tuple[tuple[int, int], Edge, Pairs] | None = None
    kinds = list(_KINDS)
    for edge in region.facts.edges:
        if edge.variable.name in answer.relaxed:
            continue
        rank = (2 * (not edge.exact), kinds.index(edge.kind))
        if best is not None and rank >= best[0]:
            continue
        pairs = region.carried(edge)
        if pairs is None:
            continue
        if edge.exact and edge.kind is DependenceKind.FLOW:
            flowing = _flowing(region, edge, pairs)
            rank, pairs = (rank, flowing) if flowing is not None else ((0, len(kinds)), pairs)
        if edge.exact and not has_witness(region.facts.sets, pairs):
            rank = (1, rank[1])
        if best is None or rank < best[0]:
            best = (rank, edge, pairs)
    if best is None:
        return None
    _, edge, pairs = best
    code, reason = _KINDS[edge.kind]
    return from_edge(code, reason.format(edge.variable.name), edge, pairs)


def _flowing(region: Region, edge: Edge, pairs: Pairs) -> Pairs | None:
    """Return the pairs whose sink may see a value from another iteration, not one written in its own; or None."""
    for read in uncovered_reads(region.facts.sets, edge.variable.name, region.iteration):
        if read.statement.name == edge.sink.name and read.access.relation == edge.sink_access.relation:
            flowing = pairs.intersect_range(read.relation.domain())
            if not flowing.is_empty():
                return flowing
    return None
