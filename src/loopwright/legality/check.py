"""NestAnalysis and Plan -> Legality. Start with ``check_plan``."""

from __future__ import annotations

import itertools
from typing import assert_never

from loopwright.core.analysis import NestAnalysis
from loopwright.core.assumption import Assumption
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Legality, Proved, Undecided
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Simd, Step, Tile
from loopwright.legality.environment import answer_region, needs_guards
from loopwright.legality.facts import TIME_LIMIT_S, Facts, facts_of
from loopwright.legality.obstacle import Obstacle, misfit, to_legality
from loopwright.legality.reorder import check_order, order_aliases
from loopwright.legality.rules.atomic import check_shape
from loopwright.legality.rules.interchange import apply_interchange
from loopwright.legality.rules.parallelize import find_carried, parallel_region
from loopwright.legality.rules.simd import simd_region
from loopwright.legality.rules.tile import apply_tile
from loopwright.legality.state import PlanState, Region, initial_state
from loopwright.poly.convert import PolyError, limited


def check_plan(analysis: NestAnalysis, plan: Plan, *, fp_strict: bool = False) -> Legality:
    """Return whether ``plan`` is legal for the nest of ``analysis``.

    ``Proved`` carries the clauses of every directive and all that the proof takes for granted. ``Refuted`` carries a
    dependence with two instances, unless the plan names what is not there. Anything else is ``Undecided``. A plan
    without steps keeps the original, and is proved.
    """
    limit = _limit_of(analysis, plan)
    if limit is not None:
        return limit
    try:
        with limited(TIME_LIMIT_S):
            return check(facts_of(analysis.nest), plan, fp_strict=fp_strict)
    except PolyError as error:
        return Undecided(plan, Code.ANALYSIS_LIMIT, str(error), analysis.nest.span)


def _limit_of(analysis: NestAnalysis, plan: Plan) -> Undecided | None:
    """Return the answer of a nest that was too much for the analysis already."""
    for loop in analysis.loops:
        if isinstance(loop.legality, Undecided) and loop.legality.code is Code.ANALYSIS_LIMIT:
            return Undecided(plan, Code.ANALYSIS_LIMIT, loop.legality.reason, loop.legality.span)
    return None


def check(facts: Facts, plan: Plan, *, fp_strict: bool = False) -> Legality:
    """Return whether ``plan`` is legal, from facts that are computed already.

    Raises:
        PolyError: isl could not decide it, or not in time.
    """
    shape = _shape_obstacle(facts.nest, plan)
    if shape is not None:
        return to_legality(facts, plan, [shape])
    if not plan.steps:
        return Proved(plan, ())
    state = _reordered(facts, plan)
    if isinstance(state, Obstacle):
        return to_legality(facts, plan, [state])
    assumptions: list[Assumption] = list(facts.nest.assumptions)
    obstacles: list[Obstacle] = []
    if state.bands:
        order = check_order(state, fp_strict=fp_strict)
        if isinstance(order, Obstacle):
            obstacles.append(order)
        else:
            assumptions += order
        guards, unguarded = order_aliases(state)
        assumptions += guards
        obstacles += unguarded
    environments: list[DataEnvironment] = []
    regions = _regions(state, plan)
    if isinstance(regions, Obstacle):
        return to_legality(facts, plan, [regions])
    for region, simd in regions:
        answer = answer_region(region, plan, fp_strict=fp_strict, simd=simd)
        is_conditional = needs_guards(region, plan, answer, fp_strict=fp_strict, simd=simd)
        environments.append(answer.environment(region.name, is_conditional=is_conditional))
        assumptions += answer.assumptions
        obstacles += answer.obstacles
        carried = find_carried(region, answer)
        if carried is not None:
            obstacles.append(carried)
    unused = _unused_step(plan, regions)
    if unused is not None:
        obstacles.append(unused)
    if obstacles:
        return to_legality(facts, plan, obstacles, tuple(environments), tuple(dict.fromkeys(assumptions)))
    return Proved(plan, tuple(environments), tuple(dict.fromkeys(assumptions)))


def _shape_obstacle(nest: LoopNest, plan: Plan) -> Obstacle | None:
    """Return what is wrong with the steps whatever the dependences are."""
    if plan.nest != nest.id:
        return misfit(f"the plan is for {plan.nest}, not for {nest.id}")
    directives = False
    for step in plan.steps:
        if isinstance(step, Parallelize | Simd):
            directives = True
        elif isinstance(step, Interchange | Tile) and directives:
            return misfit("steps that reorder loops come before those that parallelize them")
        elif isinstance(step, Reduce | Privatize) and all(item.name != step.variable for item in nest.variables):
            return misfit(f"there is no variable `{step.variable}`")
    for first, second in itertools.combinations(plan.steps, 2):
        if first == second or (
            isinstance(first, Reduce) and isinstance(second, Reduce) and first.variable == second.variable
        ):
            return misfit("a step is there twice")
    return None


def _reordered(facts: Facts, plan: Plan) -> PlanState | Obstacle:
    """Return the nest after the plan's reordering steps."""
    state = initial_state(facts)
    for step in plan.steps:
        found = _apply(state, step)
        if isinstance(found, Obstacle):
            return found
        state = found
    return state


def _apply(state: PlanState, step: Step) -> PlanState | Obstacle:
    match step:
        case Interchange():
            return apply_interchange(state, step)
        case Tile():
            return apply_tile(state, step)
        case Parallelize() | Simd() | Reduce() | Privatize():
            return state
        case Atomic():
            return check_shape(Region(state, (state.nest.loops[0].name,)), step) or state
        case _:
            assert_never(step)


def _regions(state: PlanState, plan: Plan) -> list[tuple[Region, bool]] | Obstacle:
    """Return the loops that the plan puts directives on, with True for simd; or why it cannot."""
    regions: list[tuple[Region, bool]] = []
    for step in plan.steps:
        found: Region | Obstacle
        if isinstance(step, Parallelize):
            found = parallel_region(state, step)
        elif isinstance(step, Simd):
            found = simd_region(state, plan, step)
        else:
            continue
        if isinstance(found, Obstacle):
            return found
        regions.append((found, isinstance(step, Simd)))
    for (first, first_simd), (second, second_simd) in itertools.permutations(regions, 2):
        if first_simd == second_simd and set(first.loops) & set(second.loops):
            return misfit(f"two directives on `{second.name}`")
        if second.name in _below(state, first) and not (second_simd and not first_simd):
            return misfit(f"`{second.name}` is inside `{first.name}`, which runs in parallel already")
    return regions


def _below(state: PlanState, region: Region) -> set[str]:
    """Return the loops inside the region's innermost associated loop."""
    names: set[str] = set()
    for statement in state.order.inside(region.loops[-1]):
        around = [dimension.name for dimension in state.order.around[statement]]
        names.update(around[around.index(region.loops[-1]) + 1 :])
    return names


def _unused_step(plan: Plan, regions: list[tuple[Region, bool]]) -> Obstacle | None:
    """Return the obstacle of a data step that no parallel or simd loop of the plan has a use for."""
    for step in plan.steps:
        if isinstance(step, Reduce | Privatize | Atomic):
            used = any(
                any(region.references(step.variable)) or _is_iterator(region, step.variable) for region, _ in regions
            )
            if not used:
                return misfit(f"`{step.variable}` is in no loop that the plan runs in parallel")
    return None


def _is_iterator(region: Region, variable: str) -> bool:
    identifier = region.state.nest.variable(variable).identifier
    loops = {name for statement in region.statements for name in statement.loops}
    return any(region.state.nest.loop(name).iterator == identifier for name in loops)
