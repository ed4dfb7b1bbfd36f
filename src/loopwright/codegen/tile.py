"""Cutting a band into tiles, as a change of the order of loops."""

from __future__ import annotations

from loopwright.codegen.band import BandLoop
from loopwright.codegen.refusal import refuse
from loopwright.core.codes import Code
from loopwright.core.plan import Tile, tile_loop_name


def tile(order: tuple[BandLoop, ...], step: Tile) -> tuple[BandLoop, ...]:
    """Return ``order`` with the loops of ``step.band`` behind the loops over their tiles.

    ``i, j`` becomes ``i_tile, j_tile, i, j``.
    """
    names = tuple(loop.name for loop in order)
    width = len(step.band)
    starts = [start for start in range(len(names) - width + 1) if names[start : start + width] == step.band]
    if not starts or len(step.sizes) != width or any(size < 1 for size in step.sizes):
        refuse(Code.STEP_DOES_NOT_FIT, f"the loops {', '.join(step.band)} do not follow one another")
    start = starts[0]
    points = order[start : start + width]
    if any(loop.size for loop in points) or any(tile_loop_name(loop.name) in names for loop in points):
        refuse(Code.STEP_DOES_NOT_FIT, "a loop can be tiled once")
    tiles = tuple(
        BandLoop(tile_loop_name(loop.name), loop.axis, size) for loop, size in zip(points, step.sizes, strict=True)
    )
    return order[:start] + tiles + points + order[start + width :]
