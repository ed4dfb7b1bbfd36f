"""Simd(loop): iterations of an innermost loop in vector lanes."""

from __future__ import annotations

from loopwright.core.plan import Atomic, Plan, Simd
from loopwright.legality.obstacle import Obstacle, misfit
from loopwright.legality.state import PlanState, Region, obstacle_of_loop


def simd_region(state: PlanState, plan: Plan, step: Simd) -> Region | Obstacle:
    """Return the loop as a region, or why it cannot have the directive.

    What it may carry is what a parallel loop may carry: nothing (``parallelize.find_carried``). ``omp simd`` would
    allow more, where every lane reads before any lane writes, but then the order within an iteration counts too.

    Example:
        ``for j: y[j] += a * x[j];`` becomes ``#pragma omp simd`` before the same loop.
    """
    # simd(L) = innermost(L) and parallel(L) and no atomic update in L
    dimension = state.dimension(step.loop)
    if dimension is None:
        return misfit(f"there is no loop `{step.loop}`")
    loop = state.nest.loop(dimension.loop)
    if not _is_innermost(state, step.loop):
        return misfit(f"`{step.loop}` is not an innermost loop")
    obstacle = obstacle_of_loop(state.nest, loop, directive=True)
    if obstacle is not None:
        return obstacle
    region = Region(state, (step.loop,))
    inside = {statement.name for statement in region.statements}
    if any(isinstance(other, Atomic) and other.statement in inside for other in plan.steps):
        return misfit("an atomic update cannot stand in a simd loop")
    return region


def _is_innermost(state: PlanState, name: str) -> bool:
    inside = state.order.inside(name)
    if not inside:
        return not any(loop.parent == name for loop in state.nest.loops)
    return all(state.order.around[statement][-1].name == name for statement in inside)
