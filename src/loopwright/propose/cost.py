"""A static estimate of a plan's time: good enough to rank plans, never shown as a measurement.

Per statement: instances x (work + memory), where memory depends on the stride along the innermost loop; divided by
the vector width where the innermost loop can be vectorised, and by the threads where an enclosing loop is parallel.
Every entry into a parallel region costs a fixed time. The unit is about one scalar operation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.core.analysis import NestAnalysis
from loopwright.core.nest import Access, LoopKind, Statement
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Schedule, Simd, Tile, tile_loop_name
from loopwright.propose.subscripts import Stride, stride_of

UNKNOWN_INSTANCES = 1e9
MOST_TRIPS = 1e6
_MEMORY = {Stride.ZERO: 0.1, Stride.UNIT: 0.5, Stride.LONG: 6.0, Stride.UNKNOWN: 5.0}
_TILED_MEMORY = {Stride.ZERO: 0.1, Stride.UNIT: 0.4, Stride.LONG: 1.0, Stride.UNKNOWN: 5.0}
_VECTOR_LANES = 4.0
_REGION = 4_000.0
_ATOMIC = 20.0
_DEFAULT_CORES = 4


@dataclass(frozen=True, slots=True)
class _Shape:
    """A plan, looked up: how each loop is run, and the loops of every statement in their new order."""

    order: dict[str, int]
    parallel: dict[str, Parallelize]
    simd: frozenset[str]
    tiled: frozenset[str]
    atomic: frozenset[str]


def estimate(analysis: NestAnalysis, plan: Plan, cores: int = _DEFAULT_CORES) -> float:
    """Return the estimated time of the nest under ``plan``; smaller is better. It does not ask whether it is legal."""
    shape = _shape(analysis, plan)
    total = sum(_statement(statement, analysis, shape, cores) for statement in analysis.nest.statements)
    return total + sum(_regions(name, analysis, shape) for name in shape.parallel)


def trips(analysis: NestAnalysis, loop: str) -> float:
    """Return the number of iterations of ``loop``: exact if it is a literal, else a guess.

    Who asks for speed has a nest that runs for a second or so, thus the deeper the nest, the shorter its loops.
    """
    text = analysis.nest.loop(loop).trip_count.strip()
    if text.isdecimal() and len(text) < 12:
        return float(text)
    depth = max((len(statement.loops) for statement in analysis.nest.inside(loop)), default=1)
    return min(MOST_TRIPS, UNKNOWN_INSTANCES ** (1 / max(depth, 1)))


def is_uneven(analysis: NestAnalysis, loop: str) -> bool:
    """Return True if iterations of ``loop`` may differ in work: inner bounds depend on it, or are not known."""
    nest = analysis.nest
    inner = {name for statement in nest.inside(loop) for name in statement.loops[statement.loops.index(loop) + 1 :]}
    word = re.compile(rf"\b{re.escape(nest.loop(loop).iterator)}\b")
    return any(
        nest.loop(name).kind is LoopKind.UNCOUNTED or word.search(f"{nest.loop(name).lower} {nest.loop(name).upper}")
        for name in inner
    )


def _shape(analysis: NestAnalysis, plan: Plan) -> _Shape:
    order = {loop.name: loop.depth for loop in analysis.nest.loops}
    parallel: dict[str, Parallelize] = {}
    tiled: set[str] = set()
    for step in plan.steps:
        if isinstance(step, Interchange) and set(step.order) <= set(order):
            depths = sorted(order[loop] for loop in step.order)
            order |= dict(zip(step.order, depths, strict=True))
        elif isinstance(step, Tile):
            tiled |= set(step.band)
        elif isinstance(step, Parallelize):
            parallel[step.loop] = step
    points = {tile_loop_name(loop): loop for loop in order}
    return _Shape(
        order=order,
        parallel={points.get(loop, loop): step for loop, step in parallel.items()},
        simd=frozenset(step.loop for step in plan.steps if isinstance(step, Simd)),
        tiled=frozenset(tiled),
        atomic=frozenset(step.statement for step in plan.steps if isinstance(step, Atomic)),
    )


def _statement(statement: Statement, analysis: NestAnalysis, shape: _Shape, cores: int) -> float:
    loops = sorted(statement.loops, key=lambda loop: shape.order[loop])
    instances = 1.0
    for loop in loops:
        instances *= trips(analysis, loop)
    if not loops:
        return 1.0
    inner = loops[-1]
    memory = sum(_memory(access, inner, shape) for access in statement.accesses)
    each = 1.0 + memory
    if _vectorises(statement, inner, analysis, shape):
        each /= _VECTOR_LANES
    threads = next((_threads(loop, analysis, shape, cores) for loop in loops if loop in shape.parallel), 1.0)
    if statement.name in shape.atomic and threads > 1:
        each += _ATOMIC
    return instances * each / threads


def _threads(loop: str, analysis: NestAnalysis, shape: _Shape, cores: int) -> float:
    step = shape.parallel[loop]
    width = trips(analysis, loop) if step.collapse == 1 else MOST_TRIPS
    even = is_uneven(analysis, loop) is (step.schedule is Schedule.DYNAMIC)
    share = 0.97 if even and step.schedule is Schedule.DYNAMIC else 1.0 if even else 0.8
    return max(1.0, min(cores, width) * share * (1.0 if step.collapse == 1 else 0.99))


def _memory(access: Access, inner: str, shape: _Shape) -> float:
    table = _TILED_MEMORY if inner in shape.tiled else _MEMORY
    return table[stride_of(access, inner)]


def _vectorises(statement: Statement, inner: str, analysis: NestAnalysis, shape: _Shape) -> bool:
    if any(stride_of(access, inner) not in (Stride.ZERO, Stride.UNIT) for access in statement.accesses):
        return False
    if inner in shape.simd:
        return True
    answer = next((loop for loop in analysis.loops if loop.loop == inner), None)
    sums = statement.update is not None and statement.update.reassociates
    updated_here = sums and any(
        access.is_update and stride_of(access, inner) is Stride.ZERO for access in statement.accesses
    )
    return answer is not None and answer.is_parallel and not updated_here


def _regions(name: str, analysis: NestAnalysis, shape: _Shape) -> float:
    """Return the cost of entering the parallel region of loop ``name`` as often as the loops around it run."""
    holding = next((statement.loops for statement in analysis.nest.statements if name in statement.loops), ())
    entries = 1.0
    for loop in holding:
        if shape.order[loop] < shape.order[name]:
            entries *= trips(analysis, loop)
    return entries * _REGION
