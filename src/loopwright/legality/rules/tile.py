"""Tile(band, sizes): perfectly nested loops cut into tiles."""

from __future__ import annotations

from loopwright.core.plan import Tile, tile_loop_name
from loopwright.legality.obstacle import Obstacle, misfit
from loopwright.legality.reorder import band_obstacle
from loopwright.legality.state import PlanState
from loopwright.poly.schedule import Dimension

MAX_TILE = 1 << 20


def apply_tile(state: PlanState, step: Tile) -> PlanState | Obstacle:
    """Return the nest with the band tiled, or why there is no such band.

    Whether the dependences allow it is ``reorder.check_order``'s answer, for all steps together: they do where no
    distance in the band is negative, and sometimes where one is (tiles of one iteration).

    Example:
        ``for i: for j: S`` becomes ``for i_tile: for j_tile: for i: for j: S``. With ``a[i][j] = a[i - 1][j + 1]`` a
        tile would need values of the tile to its right, which runs later.
    """
    # tau'(i, j) = (floor(i/s0), floor(j/s1), i, j);  permutable(band) = all distances in the band >= 0 is enough
    if not step.band or len(set(step.band)) != len(step.band) or len(step.sizes) != len(step.band):
        return misfit("a tiling has loops, each once, and one size per loop")
    for size in step.sizes:
        if not 1 <= size <= MAX_TILE:
            return misfit(f"{size} is not a tile size")
    loops: list[str] = []
    for name in step.band:
        dimension = state.dimension(name)
        if dimension is None:
            return misfit(f"there is no loop `{name}`")
        if dimension.tile or state.is_tiled(dimension.loop):
            return misfit(f"`{name}` is tiled already")
        if state.dimension(tile_loop_name(name)) is not None:
            return misfit(f"there is a loop `{tile_loop_name(name)}` already")
        loops.append(dimension.loop)
    if state.chain(step.band[0])[: len(step.band)] != step.band:
        return misfit(f"{', '.join(step.band)} are not perfectly nested in this order")
    obstacle = band_obstacle(state, state.originals_of(step.band))
    if obstacle is not None:
        return obstacle
    tiles = tuple(
        Dimension(tile_loop_name(name), loop, size)
        for name, loop, size in zip(step.band, loops, step.sizes, strict=True)
    )
    points = tuple(Dimension(name, loop) for name, loop in zip(step.band, loops, strict=True))
    return state.reordered(step.band, tiles + points)
