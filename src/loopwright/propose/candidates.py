"""Plans worth asking legality about: directives on the loops as they are, and reordered bands."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.legality import Proved, Undecided
from loopwright.core.nest import LoopKind
from loopwright.core.plan import (
    Atomic,
    Interchange,
    Parallelize,
    Plan,
    Privatize,
    Reduce,
    Schedule,
    Simd,
    Step,
    Tile,
    tile_loop_name,
)
from loopwright.propose.choices import Choices, choices_of
from loopwright.propose.cost import estimate, is_uneven, trips
from loopwright.propose.subscripts import Stride, stride_of

_FEW_ITERATIONS = 64
_SINGLE_DIGIT = 8
_WORTH_REORDERING = 0.8
_MOST_BAND = 4
_TILE_INNER, _TILE_OUTER = 128, 32


def directive_plans(analysis: NestAnalysis) -> Iterator[Plan]:
    """Yield plans that keep the loop order, for the outermost loops that may be parallel and what they contain."""
    choices = choices_of(analysis.nest)
    covers = [_cover(analysis, choices, accept) for accept in (_is_proved, _may_be_parallel)]
    covers += [(loop,) for cover in covers for loop in cover]
    covers += [_cover(analysis, choices, _is_proved, below=loop) for loop in covers[0] if _is_short(analysis, loop)]
    for cover in dict.fromkeys(cover for cover in covers if cover):
        yield from _on_loops(analysis, choices, cover)
    for loop in choices.loops[:1]:  # whatever the analysis says of it: the report then has its refusal
        yield _plan(analysis, (Parallelize(loop), *analysis.helper_steps(loop)))
    yield from _protected_updates(analysis, choices)


def reordering_plans(analysis: NestAnalysis) -> Iterator[Plan]:
    """Yield plans that interchange or tile a permutable band so that memory is walked in order or reused."""
    choices = choices_of(analysis.nest)
    for band in analysis.bands:
        loops = tuple(loop for loop in band if loop in choices.loops)[-_MOST_BAND:]
        if len(loops) < 2:
            continue
        order = _best_order(analysis, loops)
        if order != loops:
            yield from _parallelized(analysis, choices, (Interchange(order),), order, order)
        if _has_reuse(analysis, order):
            tiled = order[-3:]
            sizes = (*(_TILE_OUTER for _ in tiled[:-1]), _TILE_INNER)
            steps: tuple[Step, ...] = (Interchange(order),) if order != loops else ()
            names = (*order[: -len(tiled)], *(tile_loop_name(loop) for loop in tiled))
            yield from _parallelized(analysis, choices, (*steps, Tile(tiled, sizes)), order, names)


def _cover(
    analysis: NestAnalysis, choices: Choices, accept: Callable[[LoopAnalysis], bool], below: str | None = None
) -> tuple[str, ...]:
    """Return the outermost loops that ``accept`` takes: none encloses another."""
    found: list[str] = []
    for loop in analysis.nest.loops:
        if loop.parent == below and loop.name != below:
            if loop.name in choices.loops and accept(analysis.loop(loop.name)):
                found.append(loop.name)
            else:
                found += _cover(analysis, choices, accept, below=loop.name)
    return tuple(found)


def _is_proved(answer: LoopAnalysis) -> bool:
    return isinstance(answer.legality, Proved)


def _may_be_parallel(answer: LoopAnalysis) -> bool:
    return isinstance(answer.legality, Proved) or (isinstance(answer.legality, Undecided) and answer.legality.waivable)


def _is_short(analysis: NestAnalysis, loop: str) -> bool:
    return trips(analysis, loop) <= _SINGLE_DIGIT


def _on_loops(analysis: NestAnalysis, choices: Choices, cover: tuple[str, ...]) -> Iterator[Plan]:
    """Yield the ways to run the loops of ``cover`` in parallel, the plain one first."""
    helpers = _helpers(analysis, cover)
    leaves = [leaf for loop in cover for leaf in _leaves(analysis, loop) if _is_proved(analysis.loop(leaf))]
    plain = tuple(Parallelize(loop) for loop in cover)
    dynamic = tuple(
        Parallelize(loop, Schedule.DYNAMIC, _chunk(analysis, loop)) if is_uneven(analysis, loop) else Parallelize(loop)
        for loop in cover
    )
    for parallel in dict.fromkeys((plain, dynamic)):
        yield _plan(analysis, (*parallel, *helpers))
        if leaves:
            yield _plan(analysis, (*parallel, *map(Simd, leaves), *_helpers(analysis, (*cover, *leaves))))
    collapsed = tuple(_collapsed(analysis, choices, loop) for loop in cover)
    if collapsed != plain:
        inner = [loop for step in collapsed for loop in choices.chain_from(step.loop)[: step.collapse]]
        yield _plan(analysis, (*collapsed, *_helpers(analysis, inner)))


def _chunk(analysis: NestAnalysis, loop: str) -> int:
    """Return how many iterations to hand out at once: few if each holds a nest of its own."""
    depth = analysis.nest.loop(loop).depth
    deepest = max((len(statement.loops) for statement in analysis.nest.inside(loop)), default=depth)
    return 4 if deepest - depth > 2 else 32


def _collapsed(analysis: NestAnalysis, choices: Choices, loop: str) -> Parallelize:
    """Return ``loop`` with its perfectly nested child if ``loop`` alone may have too few iterations."""
    chain = choices.chain_from(loop)
    many = analysis.nest.loop(loop).trip_count.isdecimal() and trips(analysis, loop) >= _FEW_ITERATIONS
    if len(chain) > 1 and not many and _may_be_parallel(analysis.loop(chain[1])):
        return Parallelize(loop, collapse=2)
    return Parallelize(loop)


def _leaves(analysis: NestAnalysis, loop: str) -> Iterator[str]:
    """Yield the innermost counted loops inside ``loop``, which may be itself."""
    children = [child for child in analysis.nest.loops if child.parent == loop]
    if not children and analysis.nest.loop(loop).kind is LoopKind.COUNTED and not analysis.nest.loop(loop).is_inlined:
        yield loop
    for child in children:
        yield from _leaves(analysis, child.name)


def _helpers(analysis: NestAnalysis, loops: Iterable[str]) -> tuple[Step, ...]:
    return tuple(dict.fromkeys(step for loop in loops for step in analysis.helper_steps(loop)))


def _protected_updates(analysis: NestAnalysis, choices: Choices) -> Iterator[Plan]:
    """Yield plans for loops whose conflicts are updates (``count[key[i]] += 1``): array reductions, or atomic."""
    for loop in _cover(analysis, choices, lambda answer: _is_proved(answer) or _is_scatter(analysis, choices, answer)):
        if not _is_scatter(analysis, choices, analysis.loop(loop)):
            continue
        names = _conflicting(analysis, loop)
        kept = tuple(
            step
            for step in analysis.helper_steps(loop)
            if not (isinstance(step, Reduce | Privatize) and step.variable in names)
        )
        atomics = [
            Atomic(statement.name, statement.update.variable)
            for statement in analysis.nest.inside(loop)
            if statement.update is not None
            and statement.update.variable in names
            and (statement.name, statement.update.variable) in choices.atomics
        ]
        operators = dict(choices.reductions)
        reductions = [Reduce(name, operators[name][0]) for name in names if len(operators.get(name, ())) == 1]
        if len(reductions) == len(names):
            yield _plan(analysis, (Parallelize(loop), *kept, *reductions))
        if {step.variable for step in atomics} == set(names):
            yield _plan(analysis, (Parallelize(loop), *kept, *atomics))


def _conflicting(analysis: NestAnalysis, loop: str) -> tuple[str, ...]:
    """Return the variables on which ``loop`` carries a dependence, those it needs private copies of aside."""
    private = set(analysis.loop(loop).privates)
    names = (dependence.variable for dependence in analysis.dependences if dependence.carried_by == loop)
    return tuple(name for name in dict.fromkeys(names) if name not in private)


def _is_scatter(analysis: NestAnalysis, choices: Choices, answer: LoopAnalysis) -> bool:
    """Return True if all that ``answer.loop`` carries are updates of arrays; a scalar is reduced by its helper."""
    updated = {name for name, _ in choices.reductions if analysis.nest.variable(name).rank > 0}
    names = _conflicting(analysis, answer.loop)
    return bool(names) and updated.issuperset(names)


def _best_order(analysis: NestAnalysis, loops: tuple[str, ...]) -> tuple[str, ...]:
    """Return the order of a permutable band with the least estimate, if it is worth the change."""
    nest = analysis.nest.id
    original = estimate(analysis, Plan(nest))
    costs = {order: estimate(analysis, Plan(nest, (Interchange(order),))) for order in itertools.permutations(loops)}
    best = min(costs, key=lambda order: costs[order])
    return best if costs[best] < _WORTH_REORDERING * original else loops


def _has_reuse(analysis: NestAnalysis, order: tuple[str, ...]) -> bool:
    """Return True if tiles would keep data in cache that is otherwise fetched again.

    That is so where a reference walks far along the innermost loop and in order along another one (a transposition),
    or where three or more loops reuse elements along an outer one (a product). The band must be innermost.
    """
    if any(trips(analysis, loop) <= _TILE_OUTER for loop in order[-2:]):
        return False
    inside = [statement for statement in analysis.nest.statements if set(order) <= set(statement.loops)]
    if not inside or any(not set(statement.loops[-1:]) <= set(order) for statement in inside):
        return False
    accesses = [access for statement in inside for access in statement.accesses]
    *outer, inner = order
    for access in accesses:
        strides = {stride_of(access, loop) for loop in outer}
        if stride_of(access, inner) is Stride.LONG and Stride.UNIT in strides:
            return True
        if len(order) > 2 and Stride.ZERO in strides:
            return True
    return False


def _parallelized(
    analysis: NestAnalysis,
    choices: Choices,
    steps: tuple[Step, ...],
    order: tuple[str, ...],
    names: tuple[str, ...],
) -> Iterator[Plan]:
    """Yield ``steps`` with the outermost parallel loop around or in the band, whose loops are now called ``names``."""
    around = [loop for loop in _cover(analysis, choices, _may_be_parallel) if loop not in order]
    around = [loop for loop in around if _encloses(analysis, loop, order[0])]
    for loop in around[:1]:
        yield _plan(analysis, (*steps, Parallelize(loop), *analysis.helper_steps(loop)))
    if around:
        return
    candidates = [index for index, loop in enumerate(order) if _may_be_parallel(analysis.loop(loop))]
    for index in candidates[:1]:
        yield _plan(analysis, (*steps, Parallelize(names[index]), *analysis.helper_steps(order[index])))


def _encloses(analysis: NestAnalysis, outer: str, inner: str) -> bool:
    parent = analysis.nest.loop(inner).parent
    return parent is not None and (parent == outer or _encloses(analysis, outer, parent))


def _plan(analysis: NestAnalysis, steps: tuple[Step, ...]) -> Plan:
    return Plan(analysis.nest.id, tuple(dict.fromkeys(steps)))
