"""One nest as isl sets and maps: context, domains, access relations, execution order."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

import islpy as isl

from loopwright.core.codes import Code
from loopwright.core.nest import Access, Loop, LoopNest, Statement
from loopwright.poly.convert import PolyError, to_map, to_set
from loopwright.poly.parameters import range_of

T = TypeVar("T")

_IN, _OUT, _SET = isl.dim_type.in_, isl.dim_type.out, isl.dim_type.set
_TOKEN = re.compile(r"\s*([A-Za-z_]\w*|\d+|[-+*()])")
_INTEGER = re.compile(r"[+-]?\d+")


class NestSets:
    """isl's view of a nest; every set is restricted to what context and assumptions say of the parameters.

    Attributes:
        nest: The nest.
        context: The parameter values that are possible, or more.
        assumed: The values for which the nest's own assumptions hold.
        occurring: Values that surely occur in front of the nest and satisfy the assumptions, or fewer.
        descending: Names of the loops that count downwards.
    """

    def __init__(self, nest: LoopNest) -> None:
        self.nest = nest
        self.context = _in_few_parts(to_set(nest.context))
        self.assumed = isl.Set.universe(self.context.get_space())
        for assumption in nest.assumptions:
            if assumption.context:
                self.assumed = self.assumed.intersect_params(to_set(assumption.context)).coalesce()
        self.context = self.context.intersect_params(self.assumed)
        self.occurring = self.context.intersect_params(_types_range(nest))
        if nest.occurring:
            self.occurring = self.occurring.intersect_params(to_set(nest.occurring))
        self._domains: dict[str, isl.Set] = {}
        self._statics: dict[str, tuple[int, ...]] = {}
        descending: set[str] = set()
        for statement in nest.statements:
            self._domains[statement.name] = to_set(statement.domain).intersect_params(self.context)
            self._statics[statement.name] = self._read_schedule(statement, descending)
        self.descending = frozenset(descending)
        self._relations: dict[tuple[str, str], isl.Map] = {}
        self._iterations: dict[str, isl.Set | None] = {}
        self._remembered: dict[tuple[str, ...], Any] = {}

    def remembered(self, key: tuple[str, ...], compute: Callable[[], T]) -> T:
        """Return ``compute()``, which is called once per ``key``."""
        if key not in self._remembered:
            self._remembered[key] = compute()
        return cast("T", self._remembered[key])

    @staticmethod
    def _read_schedule(statement: Statement, descending: set[str]) -> tuple[int, ...]:
        """Return the statement's textual position per depth, and note the loops that run downwards."""
        times = isl.PwMultiAff.from_map(to_map(statement.schedule))
        statics: list[int] = []
        for position in range(2 * len(statement.loops) + 1):
            pieces = times.get_at(position).get_pieces()
            if len(pieces) != 1:
                raise PolyError(Code.ANALYSIS_LIMIT, f"{statement.name} has a schedule in pieces")
            time = pieces[0][1]
            if position % 2 == 0:
                statics.append(int(time.get_constant_val().to_python()))
            elif time.get_coefficient_val(_IN, position // 2).is_neg():
                descending.add(statement.loops[position // 2])
        return tuple(statics)

    def domain(self, statement: str) -> isl.Set:
        """Return the instances of ``statement``."""
        return self._domains[statement]

    def relation(self, statement: str, access: Access) -> isl.Map:
        """Return the elements that each instance of ``statement`` touches through ``access``."""
        key = (statement, access.relation)
        if key not in self._relations:
            self._relations[key] = to_map(access.relation).intersect_domain(self._domains[statement])
        return self._relations[key]

    def shared_depth(self, first: Statement, second: Statement) -> int:
        """Return the number of loops around both statements."""
        depth = 0
        for one, other in zip(first.loops, second.loops, strict=False):
            if one != other:
                break
            depth += 1
        return depth

    def is_before(self, first: Statement, second: Statement) -> bool:
        """Return True if ``first`` stands before ``second`` in one iteration of all loops around both."""
        depth = self.shared_depth(first, second)
        return self._statics[first.name][depth] < self._statics[second.name][depth]

    def earlier(self, first: Statement, second: Statement, depth: int) -> isl.Map:
        """Return the pairs (instance of ``first`` -> later instance of ``second``) in one iteration of ``depth`` loops.

        With ``depth`` 0, all pairs in execution order.
        """
        # earlier(k) = { s -> t : s[0..k) = t[0..k), s runs before t }
        pairs = isl.Map.from_domain_and_range(self.domain(first.name), self.domain(second.name))
        for outer in range(depth):
            pairs = pairs.equate(_IN, outer, _OUT, outer)
        shared = self.shared_depth(first, second)
        result = isl.Map.empty(pairs.get_space())
        for level in range(depth, shared):
            result = result.union(ordered_at(pairs, level, descending=first.loops[level] in self.descending))
            pairs = pairs.equate(_IN, level, _OUT, level)
        return result.union(pairs) if self.is_before(first, second) else result

    def ancestors(self, loop: str) -> tuple[Loop, ...]:
        """Return the loops from the root to ``loop``, itself included."""
        chain: list[Loop] = []
        name: str | None = loop
        while name is not None:
            chain.append(self.nest.loop(name))
            name = chain[-1].parent
        return tuple(reversed(chain))

    def iterations(self, loop: str) -> isl.Set | None:
        """Return the iterations of ``loop`` over its own and the outer dimensions; None if they are not known exactly.

        A condition around an inner loop is not counted, so the set may hold outer iterations in which the loop is
        not reached.
        """
        if loop not in self._iterations:
            self._iterations[loop] = self._find_iterations(loop)
        return self._iterations[loop]

    def _find_iterations(self, loop: str) -> isl.Set | None:
        chain = self.ancestors(loop)
        text = chain[-1].domain or self._bounds_text(chain)
        if not text:
            return None
        try:
            points = to_set(text).intersect_params(self.context)
        except PolyError:
            return None
        if points.dim(_SET) != len(chain):
            return None
        points = points.reset_tuple_id()
        for statement in self.nest.inside(loop):
            # A bound that was misread shows here: no statement runs outside its loop.
            domain = self.domain(statement.name)
            inner = domain.dim(_SET) - len(chain)
            if not domain.project_out(_SET, len(chain), inner).reset_tuple_id().is_subset(points):
                return None
        return points

    def _bounds_text(self, chain: tuple[Loop, ...]) -> str:
        constraints: list[str] = []
        names = {parameter.expression: parameter.name for parameter in self.nest.parameters}
        for loop in chain:
            names[loop.iterator] = loop.name
            constraint = _bounds_of(loop, names)
            if not constraint:
                return ""
            constraints.append(constraint)
        parameters = ", ".join(parameter.name for parameter in self.nest.parameters)
        dimensions = ", ".join(loop.name for loop in chain)
        return f"[{parameters}] -> {{ [{dimensions}] : {' and '.join(constraints)} }}"


_MOST_PARTS = 2


def _in_few_parts(context: isl.Set) -> isl.Set:
    """Return the set, or more, with few disjuncts: every domain is intersected with it."""
    context = context.coalesce()
    return context if context.n_basic_set() <= _MOST_PARTS else isl.Set.from_basic_set(context.simple_hull())


def _types_range(nest: LoopNest) -> isl.Set:
    """Return the parameter values that their types can hold."""
    ranges = [(item.name, range_of(item)) for item in nest.parameters]
    constraints = [f"{found[0]} <= {name} <= {found[1]}" for name, found in ranges if found is not None]
    names = ", ".join(name for name, _ in ranges)
    return to_set(f"[{names}] -> {{ : {' and '.join(constraints)} }}")


def _bounds_of(loop: Loop, names: dict[str, str]) -> str:
    """Return the loop's bounds as an isl constraint; "" if its C text is not plainly affine."""
    name = loop.name
    if not _INTEGER.fullmatch(loop.step):
        count = _affine(loop.trip_count, names)
        return f"0 <= {name} < {count}" if count else ""
    step = int(loop.step)
    lower, upper = _affine(loop.lower, names), _affine(loop.upper, names)
    if not lower or not upper or not step:
        return ""
    inside = f"{lower} <= {name} < {upper}" if step > 0 else f"{upper} < {name} <= {lower}"
    return inside if abs(step) == 1 else f"{inside} and ({name} - {lower}) mod {abs(step)} = 0"


def _affine(text: str, names: dict[str, str]) -> str:
    """Return C text with its names replaced by isl's; "" if it holds anything but sums and products."""
    if text in names:
        return names[text]
    position, parts = 0, list[str]()
    stripped = text.rstrip()
    while position < len(stripped):
        token = _TOKEN.match(stripped, position)
        if token is None:
            return ""
        word = token.group(1)
        if word[0].isalpha() or word[0] == "_":
            if word not in names:
                return ""
            word = names[word]
        elif word[0] == "0" and len(word) > 1:
            return ""  # octal
        parts.append(word)
        position = token.end()
    return f"({' '.join(parts)})" if parts else ""


def ordered_at(pairs: isl.Map, depth: int, *, descending: bool = False) -> isl.Map:
    """Return the pairs whose source comes first in the loop at ``depth``."""
    if descending:
        return pairs.order_gt(_IN, depth, _OUT, depth)
    return pairs.order_lt(_IN, depth, _OUT, depth)


@lru_cache(maxsize=16)
def sets_of(nest: LoopNest) -> NestSets:
    """Return isl's view of ``nest``, remembered for the last few nests."""
    return NestSets(nest)
