"""Analysis quality: what plans claim about a nest against what exact analysis says of it.

A claim is one of three sentences: a loop is parallel, a variable is a reduction by an operator, a variable is private.
docs/bench-metrics.md defines the score.
"""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.core.campaign import NestFacts
from loopwright.core.metrics import Quality
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Simd, Tile, tile_loop_name

Claim = tuple[str, ...]


def truths(facts: NestFacts) -> frozenset[Claim]:
    """Return every claim that exact analysis makes."""
    return frozenset(
        [("parallel", loop) for loop in facts.parallel]
        + [("reduction", variable, operator.value) for variable, operator in facts.reductions]
        + [("private", variable) for variable in facts.privates]
    )


def claims(plan: Plan, facts: NestFacts) -> frozenset[Claim]:
    """Return what ``plan`` says of its nest.

    A loop that is run on threads or in vector lanes is called parallel, and so is every loop that is collapsed into
    it. A tile loop speaks for the loop that it was cut from. Atomic updates claim nothing.

    >>> facts = NestFacts("f:1", ("i", "j"), ("i", "j"))
    >>> sorted(claims(Plan("f:1", (Parallelize("i", collapse=2),)), facts))
    [('parallel', 'i'), ('parallel', 'j')]
    """
    order = list(facts.loops)
    origin = {loop: loop for loop in facts.loops}
    found: set[Claim] = set()
    for step in plan.steps:
        match step:
            case Interchange(order=band):
                order = _with_band(order, band, list(band))
            case Tile(band=band):
                tiles = [tile_loop_name(loop) for loop in band]
                origin |= dict(zip(tiles, band, strict=True))
                order = _with_band(order, band, [*tiles, *band])
            case Parallelize(loop=loop, collapse=collapse):
                first = order.index(loop) if loop in order else None
                named = [loop] if first is None else order[first : first + collapse]
                found |= {("parallel", origin.get(name, name)) for name in named}
            case Simd(loop=loop):
                found.add(("parallel", origin.get(loop, loop)))
            case Reduce(variable=variable, operator=operator):
                found.add(("reduction", variable, operator.value))
            case Privatize(variable=variable):
                found.add(("private", variable))
            case Atomic():
                pass
    return frozenset(found)


def score(plans: Iterable[Plan], facts: NestFacts) -> Quality:
    """Return the score of one nest; what any of ``plans`` claims is claimed."""
    claimed = frozenset[Claim]().union(*(claims(plan, facts) for plan in plans))
    true = truths(facts)
    return Quality(len(claimed & true), len(claimed - true), len(true - claimed))


def total(scores: Iterable[Quality]) -> Quality:
    """Return the sum over nests: its F1 is the micro average."""
    listed = list(scores)
    return Quality(
        sum(item.right for item in listed),
        sum(item.wrong for item in listed),
        sum(item.missed for item in listed),
    )


def _with_band(order: list[str], band: tuple[str, ...], replacement: list[str]) -> list[str]:
    """Return ``order`` with the loops of ``band`` replaced where the first of them stands."""
    places = [order.index(loop) for loop in band if loop in order]
    if not places:
        return order
    first = min(places)
    before = [loop for loop in order[:first] if loop not in band]
    return [*before, *replacement, *(loop for loop in order[first:] if loop not in band)]
