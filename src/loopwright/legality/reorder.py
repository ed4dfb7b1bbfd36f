"""What interchange and tiling have in common: which bands may be reordered, and which dependences that reverses."""

from __future__ import annotations

from loopwright.core.assumption import Assumption
from loopwright.core.codes import Code
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Reduce
from loopwright.core.variable import Variable
from loopwright.legality.obstacle import Obstacle, from_edge, unfit
from loopwright.legality.overlap import is_behind_pointer, no_alias, overlaps_among
from loopwright.legality.rules.privatize import is_live_after
from loopwright.legality.rules.reduce import is_update_of, reassociation_of
from loopwright.legality.state import PlanState, Region, obstacle_of_loop
from loopwright.poly.flow import uncovered_reads
from loopwright.poly.schedule import has_nonnegative_distances, reversed_by
from loopwright.poly.witness import has_witness


def band_obstacle(state: PlanState, band: tuple[str, ...]) -> Obstacle | None:
    """Return what keeps the original loops ``band`` from being generated in another order, or None.

    The bounds must be known exactly, and no iterator may be needed after its loop: neither of the band, nor of a loop
    inside, which iterations of the band without statement instances set, too.
    """
    nest = state.nest
    for name in band:
        loop = nest.loop(name)
        obstacle = obstacle_of_loop(nest, loop, directive=False)
        if obstacle is not None:
            return obstacle
        if state.facts.sets.iterations(name) is None:
            return Obstacle(Code.NON_AFFINE_BOUND, f"the bounds of `{name}` are not affine", span=loop.header)
        if not loop.declares_iterator and _is_used_after(nest, loop.iterator):
            reason = f"the iterator `{loop.iterator}` is read after the loop, and loops in another order have their own"
            return Obstacle(Code.LAST_VALUE_USED, reason, refutes=True, span=loop.header)
    for loop in nest.loops:
        inside = {item.name for item in state.facts.sets.ancestors(loop.name)} - {loop.name}
        if band[-1] in inside and not loop.declares_iterator and _is_used_after(nest, loop.iterator):
            reason = f"the iterator `{loop.iterator}` is read after the loop, and in another order others come last"
            return Obstacle(Code.LAST_VALUE_USED, reason, span=loop.header)
    for statement in nest.inside(band[0]):
        if band[-1] not in statement.loops:
            return unfit("the band is not perfectly nested: a bound is read in between", statement.span)
    return None


def _is_used_after(nest: LoopNest, iterator: str) -> bool:
    owners = [item for item in nest.variables if item.identifier == iterator and not item.rank and not item.is_pointer]
    names = {owner.name for owner in owners}
    users = {loop.name for loop in nest.loops if loop.iterator == iterator}
    return any(owner.live_out for owner in owners) or any(
        access.variable in names and not users.intersection(statement.loops)
        for statement in nest.statements
        for access in statement.accesses
    )


def check_order(state: PlanState, *, fp_strict: bool) -> tuple[Assumption, ...] | Obstacle:
    """Return what the order of ``state`` assumes, or the dependence that it reverses.

    Scalars that each innermost iteration of the band writes before it reads do not count, nor do reductions, whose
    updates may come in any order.
    """
    # legal(order) = for all (s -> t) in D without temporaries and reductions of the band: tau(s) before tau(t)
    assumptions: list[Assumption] = []
    worst: tuple[int, Obstacle] | None = None
    lifted: dict[str, tuple[Assumption, ...] | None] = {}
    for edge in state.facts.edges:
        band = next((band for band in state.bands if edge.carried_by in band), None)
        if band is None or has_nonnegative_distances(state.facts.sets, edge, band):
            continue
        pairs = reversed_by(state.facts.sets, edge, state.order)
        if pairs.is_empty():
            continue
        name = edge.variable.name
        if name not in lifted:
            lifted[name] = lifted_by(state, band, edge.variable)
        found = lifted[name]
        if found is not None and not (fp_strict and found):
            assumptions += found
            continue
        reason = f"the new order swaps two accesses to `{name}` whose order matters"
        code = Code.SCHEDULE_REVERSES_DEPENDENCE
        if found is not None:
            code, reason = Code.STRICT_FP, f"the new order reorders the updates of `{name}`, which --fp strict forbids"
        # One that shows itself comes first, then one that is exact.
        if worst is None or (worst[0] and edge.exact):
            doubt = 2 if not edge.exact else int(not has_witness(state.facts.sets, pairs))
            if worst is None or doubt < worst[0]:
                worst = (doubt, from_edge(code, reason, edge, pairs))
    if worst is not None:
        return worst[1]
    return tuple(dict.fromkeys(assumptions))


def lifted_by(state: PlanState, band: tuple[str, ...], variable: Variable) -> tuple[Assumption, ...] | None:
    """Return what it assumes that accesses to ``variable`` come in any order of the band; None if they must not."""
    references = list(Region(state, (band[0],)).references(variable.name))
    update = next((statement.update for statement, _ in references if statement.update is not None), None)
    if update is not None and update.variable == variable.name:
        step = Reduce(variable.name, update.operator)
        if all(is_update_of(item, step) for item in references):
            reassociates = any(
                statement.update is not None and statement.update.reassociates for statement, _ in references
            )
            return (reassociation_of(variable.name, update.operator),) if reassociates else ()
    if is_behind_pointer(variable) or variable.address_taken:
        return None
    # temporary(x, band) = every read is covered in its iteration of the innermost loop, and x is not live afterwards
    if uncovered_reads(state.facts.sets, variable.name, band[-1]) or is_live_after(Region(state, (band[0],)), variable):
        return None
    return ()


def order_aliases(state: PlanState) -> tuple[list[Assumption], list[Obstacle]]:
    """Return the guards that the reordered bands need, and the pairs of variables for which there is none."""
    assumptions: list[Assumption] = []
    obstacles: list[Obstacle] = []
    for band in state.bands:
        for first, second in overlaps_among(state.facts, state.nest.inside(band[0])):
            found = no_alias(state.facts, first, second)
            if isinstance(found, Obstacle):
                obstacles.append(found)
            else:
                assumptions.append(found)
    return assumptions, obstacles


def is_permutable(state: PlanState, band: tuple[str, ...], *, fp_strict: bool) -> bool:
    """Return True if the perfectly nested original loops ``band`` may be put into any order, and tiled."""
    if band_obstacle(state, band) is not None:
        return False
    sets = state.facts.sets
    for edge in state.facts.edges:
        if edge.carried_by in band and not has_nonnegative_distances(sets, edge, band):
            found = lifted_by(state, band, edge.variable)
            if found is None or (fp_strict and found):
                return False
    return True
