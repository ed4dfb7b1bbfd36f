"""A band of perfectly nested loops that a plan reorders: which loops it has, and which order they end in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import ancestors
from loopwright.codegen.text import is_identifier, literal
from loopwright.core.codes import Code
from loopwright.core.nest import Loop, LoopKind, LoopNest
from loopwright.core.plan import Interchange, Plan, Tile, tile_loop_name
from loopwright.core.source import Source
from loopwright.core.variable import ElementKind


@dataclass(frozen=True, slots=True)
class BandLoop:
    """A loop of the new order.

    Attributes:
        name: Its name: the original loop's, or ``i_tile``.
        axis: Name of the original loop.
        size: Iterations per tile for a loop over tiles; 0 for a point loop.
    """

    name: str
    axis: str
    size: int = 0


def original_bands(source: Source, nest: LoopNest, plan: Plan) -> tuple[tuple[Loop, ...], ...]:
    """Return the bands that the plan's steps reorder, each outermost first, inner bands before outer ones."""
    made = {tile_loop_name(loop): loop for step in plan.steps if isinstance(step, Tile) for loop in step.band}
    chains: list[list[str]] = []
    for step in plan.steps:
        if not isinstance(step, Interchange | Tile):
            continue
        named = step.order if isinstance(step, Interchange) else step.band
        chain = _chain(nest, {made.get(name, name) for name in named})
        for other in [other for other in chains if set(other) & set(chain)]:
            chains.remove(other)
            chain = _chain(nest, {*chain, *other})
        chains.append(chain)
    bands = [tuple(nest.loop(name) for name in chain) for chain in chains]
    for band in bands:
        _check_band(source, band)
    return tuple(sorted(bands, key=lambda band: -band[0].depth))


def _chain(nest: LoopNest, names: set[str]) -> list[str]:
    known = {loop.name for loop in nest.loops}
    if not names or not names <= known:
        refuse(Code.STEP_DOES_NOT_FIT, f"there is no loop {min(names - known, default='')}")
    ordered = sorted(names, key=lambda name: nest.loop(name).depth)
    outermost, innermost = ordered[0], ordered[-1]
    chain = list(reversed(ancestors(nest, innermost)))
    if not names <= set(chain):
        refuse(Code.STEP_DOES_NOT_FIT, f"the loops {', '.join(ordered)} do not enclose one another")
    chain = chain[chain.index(outermost) :]
    for outer, inner in itertools.pairwise(chain):
        if nest.loop(outer).perfect_child != inner:
            refuse(Code.STEP_DOES_NOT_FIT, f"loop {inner} is not the whole body of loop {outer}")
    return chain


def _check_band(source: Source, band: tuple[Loop, ...]) -> None:
    for loop in band:
        if loop.is_in_macro or not source.text(loop.span).startswith("for"):
            refuse(Code.MACRO_HEADER, f"the header of loop {loop.name} comes out of a macro")
        if loop.is_inlined:
            refuse(Code.STEP_DOES_NOT_FIT, f"loop {loop.name} belongs to a helper function that others may call")
        integer = loop.iterator_type.kind in (ElementKind.SIGNED, ElementKind.UNSIGNED)
        if literal(loop.step) is None and not is_identifier(loop.step):
            refuse(Code.STEP_DOES_NOT_FIT, f"the step of loop {loop.name} is neither a number nor one variable")
        if loop.kind is not LoopKind.COUNTED or not integer:
            refuse(Code.STEP_DOES_NOT_FIT, f"loop {loop.name} does not count in an integer")
    if len({loop.iterator for loop in band}) != len(band):
        refuse(Code.STEP_DOES_NOT_FIT, "two loops of the band count in one variable")
