"""Random plans over the names of one nest: legal and illegal ones, whole and half-hearted."""

from __future__ import annotations

import random
from collections.abc import Iterator

from loopwright.core.analysis import NestAnalysis
from loopwright.core.nest import AccessKind, LoopKind, LoopNest, ReductionOperator
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


def random_plans(analysis: NestAnalysis, rng: random.Random, count: int) -> Iterator[Plan]:
    """Yield plans for the nest: first each loop as the analysis would run it, then ``count`` random ones."""
    nest = analysis.nest
    seen: set[tuple[Step, ...]] = set()
    for loop in nest.loops:
        steps = (Parallelize(loop.name), *analysis.helper_steps(loop.name))
        seen.add(steps)
        yield Plan(nest.id, steps)
    maker = _Maker(analysis, rng)
    for _ in range(count):
        steps = maker.steps()
        if steps not in seen:
            seen.add(steps)
            yield Plan(nest.id, steps)


class _Maker:
    def __init__(self, analysis: NestAnalysis, rng: random.Random) -> None:
        self._analysis = analysis
        self._nest: LoopNest = analysis.nest
        self._rng = rng
        self._chains = [chain for chain in _chains(self._nest) if len(chain) > 1]
        self._names = [loop.name for loop in self._nest.loops if loop.kind is LoopKind.COUNTED]
        self._written = list(
            dict.fromkeys(
                access.variable
                for statement in self._nest.statements
                for access in statement.accesses
                if access.kind is AccessKind.WRITE
            )
        )
        self._updates = [statement for statement in self._nest.statements if statement.update is not None]
        self._innermost = [name for name in self._names if all(loop.parent != name for loop in self._nest.loops)]

    def steps(self) -> tuple[Step, ...]:
        """Return the steps of one plan."""
        rng = self._rng
        if not self._names or rng.random() < 0.02:
            return self._misfit()
        found: list[Step] = []
        tiled: tuple[str, ...] = ()
        if self._chains and rng.random() < 0.45:
            chain = rng.choice(self._chains)
            found, tiled = self._reordering(chain)
            if rng.random() < 0.4:
                return tuple(found)
        draw = rng.random()
        if tiled and draw < 0.5:
            loop = rng.choice(tiled)
        elif draw < 0.75:
            loop = rng.choice(self._names)
        else:
            loop = self._names[0]
        original = loop if any(each.name == loop for each in self._nest.loops) else self._names[0]
        if self._innermost and rng.random() < 0.2:
            loop = original = rng.choice(self._innermost)
            found.append(Simd(loop))
        else:
            found.append(self._parallelize(loop, original))
            if self._innermost and rng.random() < 0.1:
                found.append(Simd(rng.choice(self._innermost)))
        found += self._data(original)
        return tuple(dict.fromkeys(found))

    def _parallelize(self, loop: str, original: str) -> Parallelize:
        rng = self._rng
        schedule, chunk = Schedule.AUTO, None
        if rng.random() < 0.3:
            schedule = rng.choice((Schedule.STATIC, Schedule.DYNAMIC, Schedule.GUIDED))
            chunk = rng.choice((None, 1, 2, 5))
        collapse = 1
        chain = next((each for each in self._chains if original in each), ())
        if chain and rng.random() < 0.25:
            collapse = rng.choice((2, 2, 3))
        return Parallelize(loop, schedule, chunk, collapse, rng.choice((None, None, None, 3)))

    def _reordering(self, chain: tuple[str, ...]) -> tuple[list[Step], tuple[str, ...]]:
        rng = self._rng
        first = rng.randrange(len(chain) - 1)
        band = list(chain[first : rng.randint(first + 2, len(chain))])
        found: list[Step] = []
        style = rng.random()
        if style < 0.55:
            order = list(band)
            rng.shuffle(order)
            if order == band:
                order.reverse()
            found.append(Interchange(tuple(order)))
            band = order
        if style >= 0.4:
            if rng.random() < 0.15:
                band = band[:1]
            sizes = tuple(rng.choice((1, 2, 2, 3, 4, 8)) for _ in band)
            found.append(Tile(tuple(band), sizes))
            band = [*(tile_loop_name(name) for name in band), *band]
        return found, tuple(band)

    def _data(self, loop: str) -> list[Step]:
        """Return steps on variables: those that the loop needs, with some of them lost, or others added."""
        rng = self._rng
        found: list[Step] = [step for step in self._analysis.helper_steps(loop) if rng.random() < 0.9]
        if rng.random() < 0.3 and self._written:
            name = rng.choice(self._written)
            if rng.random() < 0.5:
                found.append(Privatize(name))
            else:
                found = [step for step in found if not (isinstance(step, Reduce) and step.variable == name)]
                found.append(Reduce(name, rng.choice(list(ReductionOperator))))
        for statement in self._updates:
            if statement.update is not None and rng.random() < 0.12:
                name = statement.update.variable
                found.append(Reduce(name, statement.update.operator) if rng.random() < 0.5 else Privatize(name))
        if self._updates and rng.random() < 0.12:
            for statement in self._updates:
                if statement.update is not None and rng.random() < 0.8:
                    name = statement.update.variable
                    found = [step for step in found if getattr(step, "variable", "") != name]
                    found.append(Atomic(statement.name, name))
        reduced: set[str] = set()
        kept: list[Step] = []
        for step in found:
            if isinstance(step, Reduce):
                if step.variable in reduced:
                    continue
                reduced.add(step.variable)
            kept.append(step)
        rng.shuffle(kept)
        return kept

    def _misfit(self) -> tuple[Step, ...]:
        """Return a plan that does not fit the nest's shape."""
        names = [loop.name for loop in self._nest.loops]
        name = names[0]
        return self._rng.choice(
            (
                (Parallelize("nowhere"),),
                (Parallelize(name, collapse=9),),
                (Parallelize(name), Privatize("nothing")),
                (Parallelize(name), Interchange(tuple(reversed(names)))),
                (Tile((name,), (0,)),),
                (Interchange((name,)),),
                (Simd(name), Parallelize(name), Parallelize(names[-1])),
                (Parallelize(name, chunk=4),),
            )
        )


def _chains(nest: LoopNest) -> list[tuple[str, ...]]:
    inner = {loop.perfect_child for loop in nest.loops}
    found: list[tuple[str, ...]] = []
    for loop in nest.loops:
        if loop.name in inner:
            continue
        chain = [loop.name]
        while (child := nest.loop(chain[-1]).perfect_child) is not None:
            chain.append(child)
        found.append(tuple(chain))
    return found
