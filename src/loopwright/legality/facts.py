"""All that is computed once per nest: isl's view of it and its dependences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from loopwright.core.nest import LoopNest
from loopwright.poly.convert import Deadline
from loopwright.poly.dependences import Edge, find_edges
from loopwright.poly.nest_sets import NestSets, sets_of

TIME_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A nest, isl's view of it, and its dependences."""

    nest: LoopNest
    sets: NestSets
    edges: tuple[Edge, ...]


@lru_cache(maxsize=16)
def facts_of(nest: LoopNest, time_limit_s: float = TIME_LIMIT_S) -> Facts:
    """Return the facts of ``nest``, remembered for the last few nests.

    Raises:
        LimitError: They took longer than the limit.
        PolyError: A set or map of the nest cannot be read.
    """
    sets = sets_of(nest)
    return Facts(nest, sets, find_edges(sets, Deadline(time_limit_s)))
