"""Runs a program the way a proved plan says: new loop orders, threads whose steps are mixed, copies of variables."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence

from fuzz.arithmetic import convert, operation
from fuzz.expressions import LoopCode, Thread, fresh
from fuzz.guards import holds
from fuzz.interpret import Machine
from fuzz.layout import Dimension, Region, layout_of
from fuzz.memory import HALF, OBJECT_BITS, Undefined
from fuzz.nests import NestMap
from fuzz.program import CType, Form
from loopwright.core.assumption import AssumptionKind
from loopwright.core.legality import Proved
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic

Steps = Generator[None, None, int]


Iteration = tuple[tuple[int, int], ...]
"""Per loop of a chain the iterator's value, and the number of iterations before in its execution."""


class TransformedRun:
    """One run of a program under a plan; ``rng`` decides everything that a run time is free to decide."""

    def __init__(self, machine: Machine, nests: NestMap, proved: Proved, rng: random.Random) -> None:
        self._machine = machine
        self._nests = nests
        self._rng = rng
        self._layout = layout_of(nests, proved)
        self._guards = tuple(
            item.guard for item in proved.assumptions if item.guard and item.kind is not AssumptionKind.TRIP_COUNT
        )
        self.used = False
        self._inner = self._actions()
        self._atomics = frozenset[int]().union(
            *(nests.statements[step.statement] for step in proved.plan.steps if isinstance(step, Atomic))
        )

    def run(self, thread: Thread) -> None:
        """Run the function; ``used`` then says whether the plan's own version ran at all.

        Raises:
            Undefined: The transformed program did something that has no meaning.
        """
        thread.actions = {self._nests.root.id: self._enter}
        self._machine.atomics = self._atomics
        try:
            self._machine.run(thread)
        finally:
            self._machine.atomics = frozenset()

    def _enter(self, t: Thread) -> Steps:
        """Run the nest, in the original order if a guard is false."""
        outer = t.actions
        if all(holds(guard, self._machine, t.env, t.memory) for guard in self._guards):
            self.used = True
            t.actions = self._inner
        else:
            t.actions = {}
        try:
            return (yield from self._nests.code(self._nests.root).stepped(t))
        finally:
            t.actions = outer

    def _actions(self) -> dict[int, Callable[[Thread], Steps]]:
        actions: dict[int, Callable[[Thread], Steps]] = {}
        taken: set[str] = set()
        for first, (chain, order) in self._layout.bands.items():
            actions[self._nests.loops[first].id] = self._action(chain, order)
            taken |= {dimension.name for dimension in order}
        for name, region in self._layout.regions.items():
            if name not in taken:
                chain = self._nests.chain(name)[: region.width]
                order = tuple(Dimension(each, each) for each in chain)
                actions[self._nests.loops[name].id] = self._action(chain, order)
        return actions

    def _action(self, chain: tuple[str, ...], order: tuple[Dimension, ...]) -> Callable[[Thread], Steps]:
        codes = [self._machine.loops[self._nests.loops[name].id] for name in chain]
        is_reordered = any(dimension.size for dimension in order) or [item.name for item in order] != list(chain)

        def action(t: Thread) -> Steps:
            region = self._layout.regions.get(order[0].name)
            guards = region.trip_guards if region is not None and not is_reordered else ()
            if not all(holds(guard, self._machine, t.env, t.memory) for guard in guards):
                return (yield from self._original(t, codes[0]))
            points = self._points(t, codes)
            origins = {name: self._rng.randrange(-6, 7) for name in chain}
            keys = {point: self._key(point, chain, order, origins) for point in points}
            ordered = sorted(points, key=lambda point: keys[point])
            signal = yield from self._level(t, codes, order, 0, ordered, keys)
            for code in codes:
                if not code.loop.declares and is_reordered:
                    t.memory.cells[t.env[code.loop.iterator.name]] = None
            return signal

        return action

    def _original(self, t: Thread, code: LoopCode) -> Steps:
        outer = t.actions
        t.actions = {key: value for key, value in outer.items() if key != code.loop.id}
        try:
            return (yield from self._nests.code(code.loop).stepped(t))
        finally:
            t.actions = outer

    def _points(self, t: Thread, codes: Sequence[LoopCode]) -> list[Iteration]:
        """Return the iterations of perfectly nested loops in the original order: (value, count) per loop."""
        scratch = Thread(dict(t.env), t.memory)
        for code in codes:
            scratch.env[code.loop.iterator.name] = fresh(t.memory)
        found: list[Iteration] = []

        def visit(depth: int, prefix: Iteration) -> None:
            if depth == len(codes):
                found.append(prefix)
                return
            code, count = codes[depth], 0
            iterator = code.loop.iterator
            t.memory.store(scratch.env[iterator.name], value := code.lower(scratch), iterator.name)
            while code.condition(scratch):
                t.memory.steps -= 1
                if t.memory.steps < 0:
                    raise Undefined("the program runs for too long")
                visit(depth + 1, (*prefix, (value, count)))
                value = code.advance(scratch)
                count += 1

        visit(0, ())
        return found

    def _key(
        self,
        point: Iteration,
        chain: tuple[str, ...],
        order: tuple[Dimension, ...],
        origins: dict[str, int],
    ) -> tuple[int, ...]:
        key: list[int] = []
        for dimension in order:
            place = chain.index(dimension.loop)
            step = self._nests.loops[dimension.loop].step
            value, count = point[place]
            time = (value if step > 0 else -value) if isinstance(step, int) else count
            if dimension.size:
                width = dimension.size * (abs(step) if isinstance(step, int) else 1)
                time = (time - origins[dimension.loop]) // width
            key.append(time)
        return tuple(key)

    def _level(
        self,
        t: Thread,
        codes: Sequence[LoopCode],
        order: tuple[Dimension, ...],
        depth: int,
        points: list[Iteration],
        keys: dict[Iteration, tuple[int, ...]],
    ) -> Steps:
        """Run points that agree in the first ``depth`` dimensions."""
        if depth == len(order):
            for point in points:
                yield from self._iteration(t, codes, point)
            return 0
        region = self._layout.regions.get(order[depth].name)
        width = region.width if region is not None else 1
        groups: dict[tuple[int, ...], list[Iteration]] = {}
        for point in points:
            groups.setdefault(keys[point][depth : depth + width], []).append(point)

        def run(thread: Thread, group: list[Iteration]) -> Steps:
            return self._level(thread, codes, order, depth + width, group, keys)

        if region is None:
            for group in groups.values():
                yield from run(t, group)
            return 0
        own = {dimension.loop for dimension in order[depth : depth + width] if not dimension.size}
        return (yield from self._parallel(t, region, list(groups.values()), run, own, codes))

    def _iteration(self, t: Thread, codes: Sequence[LoopCode], point: Iteration) -> Steps:
        """Run the body of the innermost loop once."""
        outer, env = t.coordinates, dict(t.env)
        entries: list[tuple[int, int, int]] = []
        for code, (value, count) in zip(codes, point, strict=True):
            iterator = code.loop.iterator
            t.env[iterator.name] = fresh(t.memory)
            t.memory.store(t.env[iterator.name], value, iterator.name)
            entries.append((code.loop.id, value, count))
        t.coordinates = (*outer, *entries)
        signal = yield from codes[-1].body.stepped(t)
        if signal > 1:
            raise Undefined("a parallel or reordered loop is left early")
        t.coordinates = outer
        t.env.update(
            {code.loop.iterator.name: env[code.loop.iterator.name] for code in codes if not code.loop.declares}
        )
        return 0

    # --- regions ---

    def _parallel(
        self,
        t: Thread,
        region: Region,
        groups: list[list[Iteration]],
        run: Callable[[Thread, list[Iteration]], Steps],
        own: set[str],
        codes: Sequence[LoopCode],
    ) -> Steps:
        """Run the iterations ``groups`` of a region on two or three threads whose steps come in any order."""
        rng, environment = self._rng, region.environment
        names = [self._nests.identifier(name) for name in environment.private]
        first = [self._nests.identifier(name) for name in environment.firstprivate]
        last = [self._nests.identifier(name) for name in environment.lastprivate]
        reductions = [(self._nests.identifier(name), operator) for name, operator in environment.reductions]
        iterators = {self._nests.loops[name].iterator.name for name in own}
        threads = [
            Thread(dict(t.env), t.memory, t.coordinates, t.trace, t.actions) for _ in range(rng.choice((2, 2, 3)))
        ]
        for thread in threads:
            for name in (*names, *last):
                if name not in iterators:
                    self._copy(thread, t, name, lambda _: None)
            for name in first:
                self._copy(thread, t, name, lambda value: value)
            for name, operator in reductions:
                identity = _identity(operator, self._machine.decls[name].type)
                self._copy(thread, t, name, lambda _, identity=identity: identity)
        final: dict[str, dict[int, int | None]] = {}
        running = [
            self._share(thread, share, groups, run, [name for name in last if name not in iterators], final)
            for thread, share in zip(threads, self._shares(len(groups), len(threads)), strict=True)
        ]
        while running:
            steps = rng.choice(running)
            # Now and then one thread runs ahead, so that whole iterations overtake others.
            for _ in range(rng.choice((1, 1, 2, 9))):
                try:
                    next(steps)
                except StopIteration:
                    running.remove(steps)
                    break
            yield
        self._join(t, threads, reductions)
        # The original of a private variable keeps its value (OpenMP 5.2, section 5.4.3).
        for name in last:
            if name not in iterators:
                for place in self._cells(name):
                    t.memory.cells[t.env[name] + place] = final.get(name, {}).get(place)
        # The counter of a simd loop is linear, which keeps its last value.
        self._leave_iterators(t, iterators, iterators if region.is_simd else {*last}, groups, codes)
        return 0

    def _share(
        self,
        thread: Thread,
        share: list[int],
        groups: list[list[Iteration]],
        run: Callable[[Thread, list[Iteration]], Steps],
        last: list[str],
        final: dict[str, dict[int, int | None]],
    ) -> Steps:
        """Run the iterations ``share`` on one thread; the last of all sets ``final`` for the variables ``last``."""
        for number in share:
            yield from run(thread, groups[number])
            if number == len(groups) - 1:
                for name in last:
                    cells = thread.memory.cells
                    final[name] = {place: cells.get(thread.env[name] + place) for place in self._cells(name)}
        return 0

    def _shares(self, count: int, threads: int) -> list[list[int]]:
        """Return which iterations each thread runs, in its order."""
        rng = self._rng
        chunk = rng.choice((1, 1, 2, 3, max(1, -(-count // threads))))
        chunks = [list(range(low, min(low + chunk, count))) for low in range(0, count, chunk)]
        style = rng.choice(("static", "dynamic", "reversed"))
        if style != "static":
            rng.shuffle(chunks)
        shares: list[list[int]] = [[] for _ in range(threads)]
        for number, each in enumerate(chunks):
            place = number % threads if style == "static" else rng.randrange(threads)
            shares[place] += each
        if style == "reversed":
            shares = [sorted(share, reverse=True) for share in shares]
        return shares

    def _copy(self, thread: Thread, outer: Thread, name: str, value: Callable[[int | None], int | None]) -> None:
        """Give a thread its own object for ``name``; ``value`` makes its cells of those outside."""
        decl, memory = self._machine.decls[name], outer.memory
        address = fresh(memory)
        original = outer.env[name]
        thread.env[name] = address
        for place in self._cells(name):
            outside = memory.cells.get(original + place)
            if outside is None and original >> 32 not in memory.undefined and original + place not in memory.cells:
                outside = memory.fill.value(original + place, decl.type)
            memory.cells[address + place] = value(outside)

    def _cells(self, name: str) -> range:
        decl = self._machine.decls[name]
        count = 1
        for extent in decl.extents if decl.form is Form.ARRAY else ():
            count *= extent
        return range(0, count * decl.element_size, decl.element_size)

    def _leave_iterators(
        self,
        t: Thread,
        iterators: set[str],
        last: set[str],
        groups: list[list[Iteration]],
        codes: Sequence[LoopCode],
    ) -> None:
        """Give the iterators of the region the values behind their last iterations, or none."""
        for position, code in enumerate(codes):
            name = code.loop.iterator.name
            if name not in iterators or code.loop.declares:
                continue
            value: int | None = None
            if name in last and groups:
                scratch = Thread(dict(t.env), t.memory)
                scratch.env[name] = fresh(t.memory)
                t.memory.store(scratch.env[name], groups[-1][-1][position][0], name)
                value = code.advance(scratch)
            t.memory.cells[t.env[name]] = value

    def _join(self, t: Thread, threads: list[Thread], reductions: list[tuple[str, ReductionOperator]]) -> None:
        order = list(threads)
        self._rng.shuffle(order)
        for name, operator in reductions:
            type_ = self._machine.decls[name].type
            combine = _combiner(operator, type_)
            for place in self._cells(name):
                address = t.env[name] + place
                is_undefined = address >> OBJECT_BITS in t.memory.undefined
                if t.memory.cells.get(address, None if is_undefined else 0) is None:
                    continue  # it has no value yet, and no update ran
                value = t.memory.load(address, type_, name)
                for thread in order:
                    value = combine(value, t.memory.load(thread.env[name] + place, type_, name))
                t.memory.store(address, value, name)


def _identity(operator: ReductionOperator, type_: CType) -> int:
    match operator:
        case ReductionOperator.MULTIPLY | ReductionOperator.LOGICAL_AND:
            return 1
        case ReductionOperator.AND:
            return -1 if type_.is_signed else type_.greatest
        case ReductionOperator.MIN:
            return HALF if type_.is_float else type_.greatest
        case ReductionOperator.MAX:
            return -HALF if type_.is_float else type_.least
        case _:
            return 0


def _combiner(operator: ReductionOperator, type_: CType) -> Callable[[int, int], int]:
    match operator:
        case ReductionOperator.MIN:
            return min
        case ReductionOperator.MAX:
            return max
        case ReductionOperator.LOGICAL_AND:
            return lambda x, y: int(bool(x) and bool(y))
        case ReductionOperator.LOGICAL_OR:
            return lambda x, y: int(bool(x) or bool(y))
        case _:
            common, _, apply = operation(operator.value, type_, type_)

            def combine(x: int, y: int) -> int:
                return convert(apply(convert(x, type_, common), convert(y, type_, common)), common, type_)

            return combine
