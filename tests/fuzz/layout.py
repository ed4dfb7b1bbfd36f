"""What a plan makes of a nest's loops, worked out from the program's own nesting: dimensions, and their directives."""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzz.nests import NestMap
from loopwright.core.assumption import AssumptionKind
from loopwright.core.legality import DataEnvironment, Proved
from loopwright.core.plan import Interchange, Parallelize, Simd, Tile, tile_loop_name


@dataclass(frozen=True, slots=True)
class Dimension:
    """A loop of the new order: ``size`` is 0 for a loop of the program, else the iterations of one tile of it."""

    name: str
    loop: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Region:
    """A directive: the dimensions from its loop inwards that it runs in parallel, and its clauses."""

    name: str
    width: int
    environment: DataEnvironment
    trip_guards: tuple[str, ...]
    is_simd: bool


@dataclass(slots=True)
class Layout:
    """What a plan makes of the nest's loops.

    Attributes:
        bands: First loop of a chain whose order changes -> the chain's loops, and its dimensions in the new order.
        regions: Dimension -> directive.
    """

    bands: dict[str, tuple[tuple[str, ...], tuple[Dimension, ...]]] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict[str, Region])


def layout_of(nests: NestMap, proved: Proved) -> Layout:
    """Return what the plan of a proof makes of the loops, worked out from the program's own nesting."""
    layout = Layout()
    steps = proved.plan.steps
    orders: dict[str, list[Dimension]] = {}
    for chain in nests.chains():
        order = [Dimension(name, name) for name in chain]
        for step in steps:
            order = _changed(order, step)
        for name in chain:
            orders[name] = order
    trips = tuple(item for item in proved.assumptions if item.kind is AssumptionKind.TRIP_COUNT)
    for step in steps:
        if isinstance(step, Parallelize | Simd) and step.loop not in layout.regions:
            environment = next((item for item in proved.environments if item.loop == step.loop), None)
            width = step.collapse if isinstance(step, Parallelize) else 1
            kept = {*(environment.lastprivate if environment else ()), *_reduced(environment)}
            if isinstance(step, Simd) and step.loop in nests.loops:
                kept.add(nests.loops[step.loop].iterator.name)
            guards = tuple(item.guard for item in trips if kept.intersection(item.variables))
            clauses = environment or DataEnvironment(step.loop)
            layout.regions[step.loop] = Region(step.loop, width, clauses, guards, isinstance(step, Simd))
    for chain in nests.chains():
        _add_band(layout, chain, orders[chain[0]])
    return layout


def _reduced(environment: DataEnvironment | None) -> set[str]:
    return {name for name, _ in environment.reductions} if environment is not None else set()


def _changed(order: list[Dimension], step: object) -> list[Dimension]:
    names = [dimension.name for dimension in order]
    if isinstance(step, Interchange) and set(step.order) <= set(names):
        first = min(names.index(name) for name in step.order)
        new = [order[names.index(name)] for name in step.order]
        return order[:first] + new + order[first + len(new) :]
    if isinstance(step, Tile) and set(step.band) <= set(names):
        first = names.index(step.band[0])
        points = order[first : first + len(step.band)]
        tiles = [
            Dimension(tile_loop_name(point.name), point.loop, size)
            for point, size in zip(points, step.sizes, strict=True)
        ]
        return order[:first] + tiles + points + order[first + len(points) :]
    return order


def _is_apart(last: Dimension, before: list[Dimension], plain: Dimension) -> bool:
    """Return True if the loop is still at its place, and nothing in front of it walks its tiles."""
    return last == plain and all(dimension.loop != last.loop for dimension in before)


def _add_band(layout: Layout, chain: tuple[str, ...], order: list[Dimension]) -> None:
    plain = [Dimension(name, name) for name in chain]
    if order == plain:
        return
    head, tail = 0, 0
    while order[head] == plain[head]:
        head += 1
    while _is_apart(order[len(order) - 1 - tail], order[: len(order) - 1 - tail], plain[len(plain) - 1 - tail]):
        tail += 1
    # A directive whose loops reach into the part that changes, or out of it, is carried out with it.
    for position, dimension in enumerate(order):
        region = layout.regions.get(dimension.name)
        if region is not None and position < len(order) - tail and position + region.width > head:
            head = min(head, position)
            tail = min(tail, len(order) - position - region.width)
    layout.bands[chain[head]] = (chain[head : len(chain) - tail], tuple(order[head : len(order) - tail]))
