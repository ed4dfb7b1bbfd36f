"""Interchange(order): perfectly nested loops in another order."""

from __future__ import annotations

from loopwright.core.plan import Interchange
from loopwright.legality.obstacle import Obstacle, misfit
from loopwright.legality.reorder import band_obstacle
from loopwright.legality.state import PlanState


def apply_interchange(state: PlanState, step: Interchange) -> PlanState | Obstacle:
    """Return the nest with the band in the new order, or why there is no such band.

    Whether the dependences allow the order is ``reorder.check_order``'s answer, for all steps together.

    Example:
        ``for i: for j: a[j][i] = b[j][i];`` becomes ``for j: for i: a[j][i] = b[j][i];``. With
        ``a[i][j] = a[i - 1][j + 1]`` the exchange would run the sink before its source.
    """
    # fits(order) = order is a permutation of adjacent loops of one perfect chain, none of them tiled
    if len(step.order) < 2 or len(set(step.order)) != len(step.order):
        return misfit("an order has two or more loops, each once")
    dimensions = {name: state.dimension(name) for name in step.order}
    for name, dimension in dimensions.items():
        if dimension is None:
            return misfit(f"there is no loop `{name}`")
        if dimension.tile or state.is_tiled(dimension.loop):
            return misfit(f"`{name}` is tiled already; interchange comes first")
    band = state.band_in_order(step.order)
    if band is None:
        return misfit(f"{', '.join(step.order)} are not perfectly nested")
    obstacle = band_obstacle(state, state.originals_of(band))
    if obstacle is not None:
        return obstacle
    new = tuple(dimension for dimension in dimensions.values() if dimension is not None)
    return state.reordered(band, new)
