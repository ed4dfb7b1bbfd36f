"""The order of loops after interchange and tiling, and what the dependences say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import islpy as isl

from loopwright.core.nest import LoopNest
from loopwright.poly.convert import to_map
from loopwright.poly.dependences import Edge
from loopwright.poly.nest_sets import NestSets


@dataclass(frozen=True, slots=True)
class Dimension:
    """One loop of the new order.

    Attributes:
        name: The loop's name after the steps so far.
        loop: The original loop that it walks.
        tile: 0 for the loop itself; else it walks tiles of so many iterations of ``loop``.
    """

    name: str
    loop: str
    tile: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """For each statement the loops around it, outermost first."""

    around: Mapping[str, tuple[Dimension, ...]]

    def dimension(self, name: str) -> Dimension | None:
        """Return the loop called ``name``, or None."""
        for dimensions in self.around.values():
            for dimension in dimensions:
                if dimension.name == name:
                    return dimension
        return None

    def inside(self, name: str) -> tuple[str, ...]:
        """Return the statements inside the loop called ``name``."""
        return tuple(
            statement
            for statement, dimensions in self.around.items()
            if any(dimension.name == name for dimension in dimensions)
        )

    def shared(self, first: str, second: str) -> tuple[Dimension, ...]:
        """Return the loops around both statements."""
        result: list[Dimension] = []
        for one, other in zip(self.around[first], self.around[second], strict=False):
            if one != other:
                break
            result.append(one)
        return tuple(result)

    def replaced(self, old: tuple[str, ...], new: tuple[Dimension, ...]) -> Order:
        """Return the order with the adjacent loops ``old`` replaced by ``new`` around every statement inside them."""
        around: dict[str, tuple[Dimension, ...]] = {}
        for statement, dimensions in self.around.items():
            names = tuple(dimension.name for dimension in dimensions)
            if old[0] in names:
                start = names.index(old[0])
                dimensions = dimensions[:start] + new + dimensions[start + len(old) :]
            around[statement] = dimensions
        return Order(around)


def original_order(nest: LoopNest) -> Order:
    """Return the loops as the user wrote them."""
    return Order({item.name: tuple(Dimension(name, name) for name in item.loops) for item in nest.statements})


def carried_by(sets: NestSets, edge: Edge, order: Order, name: str) -> isl.Map:
    """Return the pairs of ``edge`` that the loop ``name`` of ``order`` carries, in either direction.

    They lie in one iteration of every loop around ``name`` and in different iterations of ``name``; the loop may
    run in parallel if this is empty for every edge.
    """
    # carried(p) = { s -> t in D : tau_q(s) = tau_q(t) for q < p, tau_p(s) != tau_p(t) }
    pairs = edge.relation
    for dimension in order.shared(edge.source.name, edge.sink.name):
        if dimension.name == name:
            before = pairs.intersect(_compared(sets, edge, dimension, "<"))
            return before.union(pairs.intersect(_compared(sets, edge, dimension, ">")))
        pairs = pairs.intersect(_compared(sets, edge, dimension, "="))
    return isl.Map.empty(pairs.get_space())


def reversed_by(sets: NestSets, edge: Edge, order: Order) -> isl.Map:
    """Return the pairs of ``edge`` whose sink would run before its source in ``order``.

    Pairs in one iteration of all loops around both keep their textual order, so they are never reversed.
    """
    # reversed = union over p of { s -> t in D : tau_q(s) = tau_q(t) for q < p, tau_p(s) > tau_p(t) }
    pairs = edge.relation
    result = isl.Map.empty(pairs.get_space())
    for dimension in order.shared(edge.source.name, edge.sink.name):
        result = result.union(pairs.intersect(_compared(sets, edge, dimension, ">")))
        pairs = pairs.intersect(_compared(sets, edge, dimension, "="))
        if pairs.is_empty():
            break
    return result


def has_nonnegative_distances(sets: NestSets, edge: Edge, band: tuple[str, ...]) -> bool:
    """Return True if no pair of ``edge`` runs backwards in any loop of ``band``.

    Where it holds for every edge that is not carried outside the band, the band is permutable: any order of its
    loops and any tiling is legal.
    """
    backwards = (edge.relation.intersect(_compared(sets, edge, Dimension(name, name), ">")) for name in band)
    return all(pairs.is_empty() for pairs in backwards)


def _compared(sets: NestSets, edge: Edge, dimension: Dimension, relation: str) -> isl.Map:
    """Return the pairs of instances whose times in ``dimension`` are in ``relation`` (source first)."""
    depth = edge.source.loops.index(dimension.loop)
    sign = "-" if dimension.loop in sets.descending else ""
    source, sink = f"{sign}x{depth}", f"{sign}y{depth}"
    parameters = ""
    if dimension.tile:
        # Where the first tile begins is up to the generated code, so it may be anywhere.
        origin = f"origin_of_{dimension.loop}'"
        parameters = f"[{origin}] -> "
        width = dimension.tile * _stride(sets, dimension.loop)
        source = f"floor(({source} - {origin})/{width})"
        sink = f"floor(({sink} - {origin})/{width})"
    xs = ", ".join(f"x{position}" for position in range(len(edge.source.loops)))
    ys = ", ".join(f"y{position}" for position in range(len(edge.sink.loops)))
    names = f"{edge.source.name}[{xs}] -> {edge.sink.name}[{ys}]"
    return to_map(f"{parameters}{{ {names} : {source} {relation} {sink} }}")


def _stride(sets: NestSets, loop: str) -> int:
    step = sets.nest.loop(loop).step
    return max(1, abs(int(step))) if step.lstrip("+-").isdecimal() else 1
