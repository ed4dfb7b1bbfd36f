"""isl's answers against brute force: every instance enumerated, every promised order executed."""

from __future__ import annotations

import functools
import itertools
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from loopwright.core.analysis import NestAnalysis
from loopwright.core.codes import Code
from loopwright.core.dependence import DependenceKind, Instance, Witness
from loopwright.core.legality import Proved, Refuted
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Interchange, Parallelize, Plan, Step, Tile
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from nests import For
from property.interpreter import Element, Memory, Run, execute, runs_of
from property.random_nests import random_nest

BLOCKS = 8
NESTS_PER_BLOCK = 30


@dataclass
class Case:
    seed: int
    root: For
    nest: LoopNest
    analysis: NestAnalysis
    runs: list[Run]
    iterations: dict[tuple[str, tuple[int, ...]], list[int]]
    parameters: dict[str, int]

    def scope_depth(self, variable: str) -> int | None:
        scope = next(item.scope for item in self.nest.variables if item.name == variable)
        return None if scope is None else self.nest.loop(scope).depth + 1

    def is_live(self, variable: str) -> bool:
        return next(item.live_out for item in self.nest.variables if item.name == variable)

    def element(self, run: Run, element: Element) -> tuple[Any, ...]:
        depth = self.scope_depth(element[0])
        return (element, run.values[:depth] if depth is not None else ())


def make_case(seed: int) -> Case:
    nest, root, parameters = random_nest(seed)
    walk = runs_of(root, parameters)
    return Case(seed, root, nest, analyze_nest(nest), walk.runs, walk.iterations, parameters)


@functools.cache
def cases(block: int) -> tuple[Case, ...]:
    return tuple(make_case(seed) for seed in range(block * NESTS_PER_BLOCK, (block + 1) * NESTS_PER_BLOCK))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_dependences_are_those_of_the_enumeration(block: int) -> None:
    for case in cases(block):
        expected: set[tuple[str, str, DependenceKind]] = set()
        for depth, loop in ((loop.depth, loop.name) for loop in case.nest.loops):
            touched: dict[Any, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
            for run in case.runs:
                if loop in run.loops:
                    for touch in run.touches:
                        key = (case.element(run, touch.element), run.values[:depth])
                        touched[key][touch.is_write].append(run.time[2 * depth + 1])
            for (((name, _), _), _), (reads, writes) in touched.items():
                if writes and max(writes) > min(writes):
                    expected.add((loop, name, DependenceKind.OUTPUT))
                if writes and reads and max(reads) > min(writes):
                    expected.add((loop, name, DependenceKind.FLOW))
                if writes and reads and max(writes) > min(reads):
                    expected.add((loop, name, DependenceKind.ANTI))
        found = {
            (dependence.carried_by, dependence.variable, dependence.kind)
            for dependence in case.analysis.dependences
            if dependence.carried_by is not None
        }
        assert found == expected, (case.seed, case.root)
        assert all(dependence.exact for dependence in case.analysis.dependences)


def run_at(case: Case, instance: Instance) -> Run:
    values = tuple(value for _, value in instance.iterators)
    return next(run for run in case.runs if run.statement == instance.statement and run.values == values)


def replay(case: Case, witness: Witness) -> tuple[Run, Run]:
    """Check that both instances exist, touch the element, one of them writing, in this order."""
    assert dict(witness.parameters) == case.parameters
    source, sink = run_at(case, witness.source), run_at(case, witness.sink)
    assert case.runs.index(source) < case.runs.index(sink)
    both = [
        (first, second)
        for first, second in itertools.product(source.touches, sink.touches)
        if first.element == second.element and (first.is_write or second.is_write)
    ]
    texts = {
        name + "".join(f"[{value}]" for value in at) for (name, at), _ in ((first.element, 0) for first, _ in both)
    }
    assert witness.element in texts
    return source, sink


@pytest.mark.parametrize("block", range(BLOCKS))
def test_answers_per_loop_hold_when_iterations_are_shuffled(block: int) -> None:
    proved = refuted = 0
    for case in cases(block):
        for loop in case.analysis.loops:
            legality, depth = loop.legality, case.nest.loop(loop.loop).depth
            if isinstance(legality, Refuted):
                assert legality.witness is not None
                source, sink = replay(case, legality.witness)
                assert source.values[:depth] == sink.values[:depth]
                assert source.values[depth] != sink.values[depth]
                refuted += 1
            elif isinstance(legality, Proved):
                for seed in range(3):
                    check_shuffled(case, legality, loop.loop, seed)
                proved += 1
    assert proved >= 5
    assert refuted >= 10


def check_shuffled(case: Case, legality: Proved, loop: str, seed: int) -> None:
    """Run the iterations of ``loop`` in a random order, each with the copies that its clauses give it."""
    depth, environment = case.nest.loop(loop).depth, legality.environments[0]
    private = {*environment.private, *environment.lastprivate}
    reductions = {name for name, _ in environment.reductions}

    def place(run: Run, element: Element) -> tuple[Any, ...]:
        own = case.scope_depth(element[0])
        if own is not None:
            return ("own", element, run.values[:own])
        if loop in run.loops and element[0] in private:
            return ("copy", element, run.values[: depth + 1])
        if loop in run.loops and element[0] in reductions:
            return ("sum", element, run.values[: depth + 1])
        return ("shared", element)

    rng = random.Random(seed)
    memory = Memory(place)
    ranks: dict[tuple[int, ...], int] = {}

    def key(run: Run) -> tuple[int, ...]:
        if loop not in run.loops:
            return run.time
        rank = ranks.setdefault(run.values[: depth + 1], rng.randrange(1 << 30))
        return (*run.time[: 2 * depth + 1], rank, *run.time[2 * depth + 2 :])

    ordered = sorted(case.runs, key=key)
    groups = itertools.groupby(ordered, lambda run: run.values[:depth] if loop in run.loops else None)
    for outer, group in groups:
        members = list(group)
        execute(members, memory)
        if outer is None:
            continue
        last = case.iterations[loop, outer][-1]
        touched = {touch.element for run in members for touch in run.touches}
        for element in touched:
            name = element[0]
            if name in reductions:
                sums = [("sum", element, (*outer, value)) for value in case.iterations[loop, outer]]
                shared = memory.load(Run("", (), (), (), None, (), False), element)
                memory.cells["shared", element] = (shared + sum(memory.cells.pop(cell, 0) for cell in sums)) % 1_000_003
            elif name in environment.lastprivate:
                memory.cells["shared", element] = memory.cells.get(("copy", element, (*outer, last)), -1)
            elif name in private:
                memory.cells["shared", element] = -2 - seed
    assert live_values(case, memory) == live_values(case, serial(case)), (case.seed, case.root, loop, legality)


def serial(case: Case) -> Memory:
    def place(run: Run, element: Element) -> tuple[Any, ...]:
        own = case.scope_depth(element[0])
        return ("shared", element) if own is None else ("own", element, run.values[:own])

    return execute(case.runs, Memory(place))


def live_values(case: Case, memory: Memory) -> dict[Any, int]:
    return {cell[1]: value for cell, value in memory.cells.items() if cell[0] == "shared" and case.is_live(cell[1][0])}


def chains(nest: LoopNest) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for loop in nest.loops:
        chain = [loop]
        while (child := chain[-1].perfect_child) is not None:
            chain.append(nest.loop(child))
        if len(chain) > 1:
            found.append(tuple(item.name for item in chain))
    return found


def new_order(case: Case, steps: tuple[Step, ...], origins: dict[str, int]) -> Callable[[Run], tuple[int, ...]]:
    """Return the time of a run after interchange and tiling, computed on its own."""
    names = next(step.order if isinstance(step, Interchange) else step.band for step in steps[:1])  # type: ignore[union-attr]
    depths = sorted(case.nest.loop(name).depth for name in names)

    def key(run: Run) -> tuple[int, ...]:
        if not set(names) <= set(run.loops):
            return run.time
        at = {name: run.time[2 * case.nest.loop(name).depth + 1] for name in names}
        order = list(names)
        tiles: list[int] = []
        for step in steps:
            if isinstance(step, Interchange):
                order = list(step.order)
            elif isinstance(step, Tile):
                for name, size in zip(step.band, step.sizes, strict=True):
                    width = size * abs(int(case.nest.loop(name).step))
                    tiles.append((at[name] - origins[name]) // width)
        head, tail = run.time[: 2 * depths[0] + 1], run.time[2 * depths[-1] + 2 :]
        return (*head, *tiles, *(at[name] for name in order), *tail)

    return key


@pytest.mark.parametrize("block", range(BLOCKS // 2))
def test_answers_hold_for_every_value_of_the_parameter(block: int) -> None:
    for seed in range(5000 + block * 20, 5000 + (block + 1) * 20):
        nest, root, _ = random_nest(seed, symbolic=True)
        analysis = analyze_nest(nest)
        for loop in analysis.loops:
            legality = loop.legality
            if isinstance(legality, Refuted):
                assert legality.witness is not None
                parameters = dict(legality.witness.parameters)
                walk = runs_of(root, parameters)
                replay(Case(seed, root, nest, analysis, walk.runs, walk.iterations, parameters), legality.witness)
            elif isinstance(legality, Proved):
                for value in (1, 2, 5):
                    walk = runs_of(root, {"n": value})
                    case = Case(seed, root, nest, analysis, walk.runs, walk.iterations, {"n": value})
                    check_shuffled(case, legality, loop.loop, value)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_new_orders_that_are_proved_leave_the_same_memory(block: int) -> None:
    rng = random.Random(block)
    proved = refuted = 0
    for case in cases(block):
        for chain in chains(case.nest):
            names = chain[: rng.randint(2, len(chain))]
            sizes = tuple(rng.choice([1, 2, 3]) for _ in names)
            shuffled = tuple(rng.sample(names, len(names)))
            for steps in (
                (Interchange(shuffled),),
                (Tile(names, sizes),),
                (Interchange(shuffled), Tile(shuffled, sizes)),
            ):
                legality = check_plan(case.analysis, Plan(case.nest.id, steps))
                if isinstance(legality, Proved):
                    check_reordered(case, steps, rng)
                    proved += 1
                elif isinstance(legality, Refuted) and legality.witness is not None:
                    assert legality.code is Code.SCHEDULE_REVERSES_DEPENDENCE
                    source, sink = replay(case, legality.witness)
                    origins = [dict.fromkeys(names, origin) for origin in range(12)]
                    keys = [new_order(case, steps, origin) for origin in origins]
                    assert any(key(sink) < key(source) for key in keys) or has_mixed_origins(case, steps, source, sink)
                    refuted += 1
    assert proved >= 10
    assert refuted >= 3


def has_mixed_origins(case: Case, steps: tuple[Step, ...], source: Run, sink: Run) -> bool:
    names = next(step.band for step in steps if isinstance(step, Tile))
    for origins in itertools.product(range(6), repeat=len(names)):
        key = new_order(case, steps, dict(zip(names, origins, strict=True)))
        if key(sink) < key(source):
            return True
    return False


def check_reordered(case: Case, steps: tuple[Step, ...], rng: random.Random) -> None:
    for _ in range(3):
        origins = {loop.name: rng.randrange(12) for loop in case.nest.loops}
        ordered = sorted(case.runs, key=new_order(case, steps, origins))
        memory = execute(ordered, Memory(serial(case).place))
        assert live_values(case, memory) == live_values(case, serial(case)), (case.seed, case.root, steps)


@pytest.mark.parametrize("block", range(BLOCKS // 2))
def test_tile_loops_that_are_proved_parallel_may_be_shuffled(block: int) -> None:
    rng = random.Random(block)
    proved = 0
    for case in cases(block):
        for chain in chains(case.nest):
            sizes = tuple(rng.choice([1, 2, 3]) for _ in chain)
            for position, name in enumerate((*(f"{loop}_tile" for loop in chain), *chain)):
                steps = (Tile(chain, sizes),)
                legality = check_plan(case.analysis, Plan(case.nest.id, (*steps, Parallelize(name))))
                if isinstance(legality, Proved):
                    check_shuffled_tiles(case, steps, position, rng)
                    proved += 1
    assert proved >= 5


def check_shuffled_tiles(case: Case, steps: tuple[Step, ...], position: int, rng: random.Random) -> None:
    band = set(steps[0].band)  # type: ignore[union-attr]
    first = min(case.nest.loop(name).depth for name in band)
    at = 2 * first + 1 + position
    for _ in range(3):
        order = new_order(case, steps, {loop.name: rng.randrange(6) for loop in case.nest.loops})
        salt = rng.randrange(1 << 30)

        def key(run: Run) -> tuple[int, ...]:
            time = order(run)  # noqa: B023
            if not band <= set(run.loops):
                return time
            mixed = random.Random(time[at] * 7919 + salt).randrange(1 << 30)  # noqa: B023
            return (*time[:at], mixed, *time[at:])

        memory = execute(sorted(case.runs, key=key), Memory(serial(case).place))
        assert live_values(case, memory) == live_values(case, serial(case)), (case.seed, case.root, steps, position)
