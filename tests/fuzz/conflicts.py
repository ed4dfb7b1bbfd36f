"""Looks for two iterations of a parallel loop that touch one element, one of them writing, in a serial run.

If no two iterations conflict in the original order, none do in any other, so what is found or not found here does not
depend on luck with schedules.
"""

from __future__ import annotations

from dataclasses import dataclass

from fuzz.expressions import Coordinates
from fuzz.inputs import SerialRun
from fuzz.layout import Dimension, Layout
from fuzz.nests import NestMap
from loopwright.core.legality import Proved
from loopwright.core.plan import Atomic

Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Axes:
    """The dimensions of one directive, in numbers that can be read off coordinates.

    Attributes:
        first: Id of the chain's first loop.
        depth: Loops around the chain of loops.
        around: Dimensions of the chain outside the directive, as (place in the chain, sign, width, origin).
        own: Those of the directive.
        length: Loops of the chain that these dimensions walk; an instance with fewer is only a header.
    """

    first: int
    depth: int
    around: tuple[tuple[int, int, int, int], ...]
    own: tuple[tuple[int, int, int, int], ...]
    length: int

    def of(self, coordinates: Coordinates) -> tuple[Coordinates, Key, Key] | None:
        """Return the execution of the directive and its iteration that an instance belongs to; None if to none."""
        depth = self.depth
        if len(coordinates) < depth + self.length or coordinates[depth][0] != self.first:
            return None
        return coordinates[:depth], _times(coordinates, depth, self.around), _times(coordinates, depth, self.own)


def _times(coordinates: Coordinates, depth: int, dimensions: tuple[tuple[int, int, int, int], ...]) -> Key:
    times: list[int] = []
    for place, sign, width, origin in dimensions:
        _, value, count = coordinates[depth + place]
        time = sign * value if sign else count
        times.append((time - origin) // width if width else time)
    return tuple(times)


def axes_of(nests: NestMap, layout: Layout, name: str, origins: dict[str, int]) -> Axes:
    """Return where the directive on ``name`` is found in coordinates."""
    region = layout.regions[name]
    chain, order = dimensions_of(nests, layout, name)
    at = next(place for place, dimension in enumerate(order) if dimension.name == name)
    used = order[: at + region.width]

    def numbers(dimension: Dimension) -> tuple[int, int, int, int]:
        step = nests.loops[dimension.loop].step
        sign = (1 if step > 0 else -1) if isinstance(step, int) else 0
        width = dimension.size * (abs(step) if isinstance(step, int) else 1)
        return chain.index(dimension.loop), sign, width, origins.get(dimension.loop, 0)

    return Axes(
        nests.loops[chain[0]].id,
        nests.nest.loop(chain[0]).depth + nests.depth,
        tuple(numbers(dimension) for dimension in order[:at]),
        tuple(numbers(dimension) for dimension in used[at:]),
        len(chain) if len(order) > len(chain) or tuple(item.name for item in order) != chain else region.width,
    )


def dimensions_of(nests: NestMap, layout: Layout, name: str) -> tuple[tuple[str, ...], tuple[Dimension, ...]]:
    """Return the chain of loops that holds the directive on ``name``, and its dimensions in their order."""
    for chain, order in layout.bands.values():
        if any(dimension.name == name for dimension in order):
            return chain, order
    chain = tuple(nests.chain(name)[: layout.regions[name].width])
    return chain, tuple(Dimension(each, each) for each in chain)


def find_conflict(
    run: SerialRun, place: int, nests: NestMap, proved: Proved, layout: Layout, origins: dict[str, int]
) -> str:
    """Return two accesses of different iterations of one directive that conflict, in words; ``""`` if there are none.

    Args:
        run: The serial run.
        place: Which execution of the nest.
        nests: The nest.
        proved: The proof.
        layout: Its plan's loops.
        origins: Per loop where its tiles start.
    """
    atomics = frozenset[int]().union(
        *(nests.statements[step.statement] for step in proved.plan.steps if isinstance(step, Atomic))
    )
    for name, region in layout.regions.items():
        axes = axes_of(nests, layout, name, origins)
        environment = region.environment
        copies = {*environment.private, *environment.firstprivate, *environment.lastprivate}
        copied = {nests.identifier(each) for each in (*copies, *(each for each, _ in environment.reductions))}
        copied |= {nests.loops[each].iterator.name for each in dimensions_of(nests, layout, name)[0]}
        for address, events in run.events_of(place).items():
            found = _conflict(run, axes, events, copied, atomics)
            if found:
                return f"{name}: {found} (object {address >> 32}, byte {address & 0xFFFFFFFF})"
    return ""


def _conflict(
    run: SerialRun,
    axes: Axes,
    events: list[tuple[int, bool, str]],
    copied: set[str],
    atomics: frozenset[int],
) -> str:
    seen: dict[tuple[Coordinates, Key], _Iterations] = {}
    trace = run.trace
    for instance, is_write, name in events:
        statement, coordinates = trace[instance]
        found = axes.of(coordinates)
        if found is None:
            continue
        execution, around, own = found
        state = seen.setdefault((execution, around), _Iterations())
        # Copies and atomic updates do not conflict with their like.
        kind = name if name in copied else "atomic" if statement in atomics else ""
        other = state.add(kind, own, instance, is_write)
        if other is not None:
            first = trace[other]
            return f"statement {first[0]} in {first[1]} and statement {statement} in {coordinates} meet on {name}"
    return ""


class _Iterations:
    """Which iterations have touched one element so far, per kind of access."""

    __slots__ = ("touched", "written")

    def __init__(self) -> None:
        self.touched: dict[str, dict[Key, int]] = {}
        self.written: dict[str, dict[Key, int]] = {}

    def add(self, kind: str, iteration: Key, instance: int, is_write: bool) -> int | None:
        """Note an access; return an earlier instance that it conflicts with."""
        for group, earlier in (self.touched if is_write else self.written).items():
            if kind and group == kind:
                continue
            for other, first in earlier.items():
                if other != iteration:
                    return first
        self.touched.setdefault(kind, {}).setdefault(iteration, instance)
        if is_write:
            self.written.setdefault(kind, {}).setdefault(iteration, instance)
        return None
