"""All that is computed once per nest: its sets, its dependences, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Legality, Refuted, Undecided
from loopwright.core.assumption import Assumption
from loopwright.core.nest import LoopNest
from loopwright.core.plan import Plan
from loopwright.core.source import Span
from loopwright.poly.convert import Deadline
from loopwright.poly.dependences import Edge, find_edges, to_dependence
from loopwright.poly.nest_sets import NestSets, sets_of
from loopwright.poly.witness import find_witness

TIME_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A nest, isl's view of it, and its dependences."""

    nest: LoopNest
    sets: NestSets
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Obstacle:
    """Why a rule does not hold.

    Attributes:
        code: Its reason code.
        reason: In words.
        refutes: It is shown, by ``edge`` or by the nest's shape; otherwise it only could not be excluded.
        edge: The dependence in question.
        pairs: The part of the edge that a witness must come from (isl); None for all of it.
        waivable: If it does not refute: a candidate may still be generated and tested.
        span: The construct in question.
    """

    code: Code
    reason: str
    refutes: bool = False
    edge: Edge | None = None
    pairs: object | None = None
    waivable: bool = False
    span: Span | None = None


@lru_cache(maxsize=16)
def facts_of(nest: LoopNest, time_limit_s: float = TIME_LIMIT_S) -> Facts:
    """Return the facts of ``nest``, remembered for the last few nests.

    Raises:
        LimitError: They took longer than the limit.
        PolyError: A set or map of the nest cannot be read.
    """
    sets = sets_of(nest)
    return Facts(nest, sets, find_edges(sets, Deadline(time_limit_s)))
