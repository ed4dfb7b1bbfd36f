"""A legal plan as edits of the user's file.

``generate`` is the entry.  Without a step that reorders loops, directives are put in front of the user's own loops
(``insert``) and nothing else changes.  A band that is reordered is replaced by loops from ``reorder`` around the
user's own innermost body (``rewrite``).  The clauses of a directive come from ``privatize`` and ``reduce``, its ``if``
clause from ``guards``; ``parallelize``, ``simd`` and ``atomic`` put them together.
"""

from __future__ import annotations

from loopwright.codegen.atomic import atomic_edit
from loopwright.codegen.band import original_bands
from loopwright.codegen.draft import Draft
from loopwright.codegen.refusal import RefusalError, refuse
from loopwright.codegen.rewrite import rewrite_band
from loopwright.core.candidate import Candidate, Edit, NotGenerated
from loopwright.core.codes import Code
from loopwright.core.legality import Basis
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Atomic, Parallelize, Simd, Step, Tile, tile_loop_name
from loopwright.core.source import Source


def generate(source: Source, nest: LoopNest, basis: Basis) -> Candidate | NotGenerated:
    """Return the file with the plan of ``basis`` carried out on ``nest``.

    A plan without steps gives a candidate without edits.

    Example:
        ``for (int i = 0; i < n; i++) s += a[i];`` with ``Reduce("s", +)`` and ``Parallelize("i")`` becomes::

            #pragma omp parallel for reduction(+:s) if(n > 8192)
            for (int i = 0; i < n; i++) s += a[i];
    """
    try:
        return Candidate(source, _edits(source, nest, basis), (basis,))
    except RefusalError as refusal:
        return NotGenerated(refusal.code, refusal.reason)


def _edits(source: Source, nest: LoopNest, basis: Basis) -> tuple[Edit, ...]:
    steps = basis.plan.steps
    _check_names(nest, steps)
    bands = original_bands(source, nest, basis.plan)
    in_band = {loop.name: band for band in bands for loop in band}
    draft = Draft(source, nest, basis)
    for step in steps:
        if isinstance(step, Atomic):
            draft.add(atomic_edit(source, nest, step))
    for loop in sorted(nest.loops, key=lambda loop: -loop.depth):
        band = in_band.get(loop.name)
        if band is None:
            draft.annotate(loop)
        elif loop is band[0]:
            rewrite_band(draft, band)
    return draft.edits


def _check_names(nest: LoopNest, steps: tuple[Step, ...]) -> None:
    loops = {loop.name for loop in nest.loops}
    loops |= {tile_loop_name(name) for step in steps if isinstance(step, Tile) for name in step.band}
    seen: set[tuple[str, str]] = set()
    for step in steps:
        if isinstance(step, Parallelize | Simd):
            kind = type(step).__name__
            if step.loop not in loops or (kind, step.loop) in seen:
                refuse(Code.STEP_DOES_NOT_FIT, f"{kind} names no loop, or one loop twice: {step.loop}")
            seen.add((kind, step.loop))
        if isinstance(step, Atomic) and step.statement not in {statement.name for statement in nest.statements}:
            refuse(Code.STEP_DOES_NOT_FIT, f"there is no statement {step.statement}")
