"""What can be named in a plan for a nest: the names that schemas enumerate and that replies are checked against."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.nest import AccessKind, Loop, LoopKind, LoopNest, ReductionOperator
from loopwright.core.plan import tile_loop_name


@dataclass(frozen=True, slots=True)
class Choices:
    """The names of one nest.

    Attributes:
        loops: Loops that a step may name, in textual order.
        chains: Perfectly nested loops, outermost first, each chain as long as can be and of two or more.
        tile_loops: Names that a ``Tile`` of a chain can bring into being.
        reductions: Updated variables with the operators of their updates.
        privates: Variables that are written and declared outside the nest; no iterators, no memory behind pointers.
        atomics: Statements that ``omp atomic`` may stand before, with the variable that they update.
    """

    loops: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]
    tile_loops: tuple[str, ...]
    reductions: tuple[tuple[str, tuple[ReductionOperator, ...]], ...]
    privates: tuple[str, ...]
    atomics: tuple[tuple[str, str], ...]

    def chain_from(self, loop: str) -> tuple[str, ...]:
        """Return the perfectly nested loops from ``loop`` inwards; just ``loop`` if its body holds other text."""
        for chain in self.chains:
            if loop in chain:
                return chain[chain.index(loop) :]
        return (loop,)


def choices_of(nest: LoopNest) -> Choices:
    """Return what a plan for ``nest`` can name."""
    loops = tuple(loop.name for loop in nest.loops if _can_be_named(loop))
    chains = _chains(nest, loops)
    updates: dict[str, list[ReductionOperator]] = {}
    atomics: list[tuple[str, str]] = []
    written: set[str] = set()
    for statement in nest.statements:
        written |= {access.variable for access in statement.accesses if access.kind is AccessKind.WRITE}
        if statement.update is None:
            continue
        operators = updates.setdefault(statement.update.variable, [])
        if statement.update.operator not in operators:
            operators.append(statement.update.operator)
        if statement.update.is_expression_statement:
            atomics.append((statement.name, statement.update.variable))
    iterators = {loop.iterator for loop in nest.loops}
    privates = tuple(
        variable.name
        for variable in nest.variables
        if variable.name in written
        and variable.scope is None
        and not variable.is_pointer
        and variable.name not in iterators
    )
    return Choices(
        loops=loops,
        chains=chains,
        tile_loops=tuple(tile_loop_name(loop) for chain in chains for loop in chain),
        reductions=tuple((name, tuple(operators)) for name, operators in updates.items()),
        privates=privates,
        atomics=tuple(atomics),
    )


def _can_be_named(loop: Loop) -> bool:
    return loop.kind is LoopKind.COUNTED and not loop.is_inlined and not loop.is_in_macro


def _chains(nest: LoopNest, loops: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    chains: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for name in loops:
        chain = [name]
        child = nest.loop(name).perfect_child
        while child is not None and child in loops:
            chain.append(child)
            child = nest.loop(child).perfect_child
        if len(chain) > 1 and name not in seen:
            chains.append(tuple(chain))
        seen.update(chain)
    return tuple(chains)
