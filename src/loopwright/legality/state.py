"""A nest under the steps of a plan so far: the order of its loops and the regions that directives apply to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.nest import Access, Loop, LoopKind, LoopNest, Statement
from loopwright.core.variable import Storage, Variable
from loopwright.legality.facts import Facts
from loopwright.legality.obstacle import Obstacle, unfit, unsayable
from loopwright.legality.overlap import is_behind_pointer
from loopwright.poly.dependences import Edge, Pairs
from loopwright.poly.schedule import Dimension, Order, carried_by, original_order

_SPREADING = frozenset(
    {
        Code.GOTO,
        Code.VOLATILE,
        Code.UNKNOWN_CALL,
        Code.UNKNOWN_CONSTRUCT,
        Code.RECURSION,
        Code.ALREADY_PARALLEL,
        Code.POINTER_REASSIGNED,
        Code.REINTERPRETED_MEMORY,
    }
)
"""Blockers of an inner loop that are blockers of every loop around it as well."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanState:
    """The loops as they are after the reordering steps so far.

    Attributes:
        facts: Of the nest.
        order: The loops around each statement.
        perfect: Loop -> the loop that is its whole body, where there is one.
        bands: The bands that were reordered, each as original loops, outermost first as the user wrote them.
    """

    facts: Facts
    order: Order
    perfect: dict[str, str]
    bands: tuple[tuple[str, ...], ...] = ()

    @property
    def nest(self) -> LoopNest:
        """Return the nest."""
        return self.facts.nest

    def dimension(self, name: str) -> Dimension | None:
        """Return the loop called ``name`` in the current order, or None if there is none."""
        found = self.order.dimension(name)
        if found is None and any(loop.name == name for loop in self.nest.loops):
            return Dimension(name, name)  # a loop without statements
        return found

    def chain(self, name: str) -> tuple[str, ...]:
        """Return ``name`` and the loops perfectly nested in it, outermost first."""
        chain = [name]
        while chain[-1] in self.perfect:
            chain.append(self.perfect[chain[-1]])
        return tuple(chain)

    def band_of(self, loop: str) -> tuple[str, ...]:
        """Return the reordered band that the original ``loop`` belongs to; just itself if it was not reordered."""
        return next((band for band in self.bands if loop in band), (loop,))

    def is_around(self, loop: str, name: str) -> bool:
        """Return True if the original ``loop`` is now walked outside the loop called ``name`` only."""
        inside = self.order.inside(name)
        if not inside:
            return False
        dimensions = self.order.around[inside[0]]
        first = next(place for place, dimension in enumerate(dimensions) if dimension.name == name)
        outer, inner = dimensions[:first], dimensions[first:]
        return loop in {each.loop for each in outer} and loop not in {each.loop for each in inner}

    def is_tiled(self, loop: str) -> bool:
        """Return True if a tile loop walks the original ``loop``."""
        dimensions = (dimension for around in self.order.around.values() for dimension in around)
        return any(dimension.loop == loop and dimension.tile for dimension in dimensions)

    def band_in_order(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return ``names`` as they are nested now, outermost first; None if they are no perfect chain."""
        for name in names:
            chain = self.chain(name)[: len(names)]
            if set(chain) == set(names):
                return chain
        return None

    def originals_of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the original loops that ``names`` walk, outermost first as the user wrote them."""
        dimensions = [self.dimension(name) for name in names]
        loops = {dimension.loop for dimension in dimensions if dimension is not None}
        return tuple(sorted(loops, key=lambda name: self.nest.loop(name).depth))

    def reordered(self, old: tuple[str, ...], new: tuple[Dimension, ...]) -> PlanState:
        """Return the state with the adjacent loops ``old`` replaced by ``new``."""
        band = set(self.originals_of(old))
        apart: list[tuple[str, ...]] = []
        for other in self.bands:
            if band & set(other):
                band |= set(other)
            else:
                apart.append(other)
        perfect = {outer: inner for outer, inner in self.perfect.items() if outer not in old}
        for outer, inner in self.perfect.items():
            if inner == old[0]:
                perfect[outer] = new[0].name
        perfect |= {outer.name: inner.name for outer, inner in itertools.pairwise(new)}
        if old[-1] in self.perfect:
            perfect[new[-1].name] = self.perfect[old[-1]]
        whole = tuple(sorted(band, key=lambda name: self.nest.loop(name).depth))
        return PlanState(self.facts, self.order.replaced(old, new), perfect, (*apart, whole))


def initial_state(facts: Facts) -> PlanState:
    """Return the nest as the user wrote it."""
    perfect = {loop.name: loop.perfect_child for loop in facts.nest.loops if loop.perfect_child is not None}
    return PlanState(facts, original_order(facts.nest), perfect)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The loops that one directive runs in parallel, with all that is inside them.

    Attributes:
        state: The nest under the plan.
        loops: The associated loops in the current order, outermost first: one, or as many as are collapsed.
    """

    state: PlanState
    loops: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the outermost associated loop."""
        return self.loops[0]

    @property
    def facts(self) -> Facts:
        """Return the facts of the nest."""
        return self.state.facts

    @property
    def originals(self) -> tuple[str, ...]:
        """Return the original loops that the associated loops walk, each once."""
        dimensions = [self.state.dimension(name) for name in self.loops]
        return tuple(dict.fromkeys(dimension.loop for dimension in dimensions if dimension is not None))

    @property
    def outermost(self) -> Loop:
        """Return the original loop that holds all of the region, reordered bands taken whole."""
        return self.state.nest.loop(self.state.band_of(self.originals[0])[0])

    @property
    def iteration(self) -> str:
        """Return the original loop one iteration of which surely stays on one thread.

        That is the innermost associated loop, or the innermost loop of its band if that was reordered.
        """
        return self.state.band_of(self.originals[-1])[-1]

    @property
    def is_reordered(self) -> bool:
        """Return True if the associated loops belong to a band that was interchanged or tiled."""
        changed = (len(self.state.band_of(loop)) > 1 or self.state.is_tiled(loop) for loop in self.originals)
        return any(changed) or self.originals != self.loops

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return the statements inside."""
        return self.state.nest.inside(self.originals[0])

    def references(self, variable: str) -> Iterator[tuple[Statement, Access]]:
        """Yield the references to ``variable`` inside."""
        for statement in self.statements:
            for access in statement.accesses:
                if access.variable == variable:
                    yield statement, access

    def carried(self, edge: Edge) -> Pairs | None:
        """Return the pairs of ``edge`` that an associated loop carries; None if there are none."""
        first = self.originals[0]
        if first not in edge.source.loops or first not in edge.sink.loops:
            return None
        if not self.is_reordered:
            return edge.relation if edge.carried_by in self.loops else None
        for name in self.loops:
            pairs = carried_by(self.facts.sets, edge, self.state.order, name)
            if not pairs.is_empty():
                return pairs
        return None

    def is_declared_inside(self, variable: Variable) -> bool:
        """Return True if ``variable`` is declared in the body, so that no clause may or need name it."""
        if variable.scope is None:
            return False
        around = {loop.name for loop in self.facts.sets.ancestors(variable.scope)}
        return self.outermost.name in around


def obstacle_of_loop(nest: LoopNest, loop: Loop, *, directive: bool) -> Obstacle | None:
    """Return what keeps ``loop`` from being transformed whatever its dependences are, or None.

    Args:
        nest: The nest.
        loop: The loop.
        directive: A directive is to stand before it; otherwise it is only generated anew in another order.
    """
    below = {loop.name}
    for other in nest.loops:
        if other.parent in below:
            below.add(other.name)
    for other in nest.loops:
        for blocker in other.blockers if other.name in below else ():
            if other is loop or blocker.code in _SPREADING:
                return Obstacle(blocker.code, blocker.reason, span=blocker.span)
    if loop.kind is LoopKind.UNCOUNTED:
        return Obstacle(
            Code.UNCOUNTED_LOOP, "the number of iterations is not known when the loop starts", span=loop.span
        )
    if loop.is_inlined:
        return unfit("the loop stands in the body of a helper function, which is left as it is", loop.span)
    if loop.is_in_macro:
        return Obstacle(Code.MACRO_HEADER, "the loop's header comes out of a macro", span=loop.header)
    if directive and not loop.is_canonical:
        return unfit("the loop does not have the form that OpenMP asks for (for (i = a; i < b; i += c))", loop.header)
    return None


def clause_obstacle(region: Region, variable: Variable) -> Obstacle | None:
    """Return why a data-sharing clause of the region cannot name ``variable``, or None if it can."""
    if is_behind_pointer(variable) or re.search(r"\W", variable.name) or not variable.identifier.isidentifier():
        return unsayable(
            f"no clause can name `{variable.name}`: use a local variable in the loop", variable.declaration
        )
    if variable.scope is not None and region.is_declared_inside(variable):
        return unsayable(f"`{variable.name}` is declared inside the loop", variable.declaration)
    if variable.rank and (size := _size_bytes(variable)) > MAX_COPY_BYTES:
        known = "of unknown size" if size == float("inf") else f"of {size:g} bytes"
        return Obstacle(
            Code.STEP_DOES_NOT_FIT,
            f"a copy of `{variable.name}` ({known}) for each thread may not fit its stack",
            waivable=size < float("inf"),
            span=variable.declaration,
        )
    if variable.storage in (Storage.GLOBAL, Storage.STATIC):
        inside = region.outermost.span
        for _, access in region.references(variable.name):
            if not inside.contains(access.span):
                return unsayable(
                    f"`{variable.name}` is also used in a helper, which would not see the copy", access.span
                )
    return None


MAX_COPY_BYTES = 256 << 10
"""Largest array that is copied for each thread: default stacks hold some megabytes."""


def _size_bytes(variable: Variable) -> float:
    size = float(variable.element.size_bytes)
    for extent in variable.extents:
        if not extent.isdecimal():
            return float("inf")
        size *= int(extent)
    return size if len(variable.extents) == variable.rank else float("inf")
