"""Questions about pairs of instances: do two touches ever meet, under which of the given orders, and where."""

from __future__ import annotations

from dataclasses import dataclass

import islpy as isl

from loopwright.core.assumption import MapText, SetText

_MOST_OPERATIONS = 20_000_000
_PARAM, _SET, _IN, _OUT = isl.dim_type.param, isl.dim_type.set, isl.dim_type.in_, isl.dim_type.out
_BOUNDS = (3, 10, 100, 1000)


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of one touch and the cells that they reach."""

    domain: SetText
    relation: MapText


@dataclass(frozen=True, slots=True)
class Example:
    """One pair: values of the parameters and of both instances' dimensions, and the cell."""

    parameters: tuple[tuple[str, int], ...]
    first: tuple[int, ...]
    second: tuple[int, ...]


class TooHard:
    """isl would take too long."""


TOO_HARD = TooHard()


@dataclass(frozen=True, slots=True)
class Question:
    """Pairs of instances of two touches that meet in one cell.

    Attributes:
        first, second: The touches.
        orders: ``{ [x0, ..] -> [y0, ..] : .. }``: the pairs that may run side by side are in one of these.
        same: Pairs of relations whose cells must be equal for a pair to be left out (locks, dependences).
        known: What is known of the parameters.
        anywhere: The cells need not be equal (memory that may overlap).
    """

    first: Instances
    second: Instances
    orders: tuple[MapText, ...]
    known: SetText
    same: tuple[tuple[MapText, MapText], ...] = ()
    anywhere: bool = False


def find_pair(question: Question) -> Example | TooHard | None:
    """Return a pair that answers the question, TOO_HARD, or None if there certainly is none."""
    context = isl.Context()
    context.set_max_operations(_MOST_OPERATIONS)
    try:
        pairs = _pairs(question, context)
        return None if pairs is None or pairs.is_empty() else _example(pairs)
    except isl.Error:
        return TOO_HARD


def _pairs(question: Question, context: isl.Context) -> isl.Map | None:
    first, second = isl.Set(question.first.domain, context), isl.Set(question.second.domain, context)
    if question.anywhere:
        meeting = isl.Map.from_domain_and_range(first, second)
    else:
        left = isl.Map(question.first.relation, context).intersect_domain(first)
        right = isl.Map(question.second.relation, context).intersect_domain(second)
        meeting = left.apply_range(right.reverse())
    found: isl.Map | None = None
    known = isl.Set(question.known, context).params()
    for text in question.orders:
        part = meeting.intersect(isl.Map(text, context)).intersect_params(known)
        found = part if found is None else found.union(part)
    if found is None:
        return None
    for one, other in question.same:
        left = _widened(isl.Map(one, context), found.dim(_IN))
        right = _widened(isl.Map(other, context), found.dim(_OUT))
        found = found.subtract(left.apply_range(right.reverse()))
    return found


def _widened(relation: isl.Map, wanted: int) -> isl.Map:
    """Return the relation for instances that have more dimensions, the further ones free."""
    missing = wanted - relation.dim(_IN)
    return relation.add_dims(_IN, missing) if missing > 0 else relation


def are_equal(one: MapText, other: MapText, known: SetText) -> bool:
    """Return True if two relations certainly lead to the same single cell from every instance."""
    if one == other:
        return True
    context = isl.Context()
    context.set_max_operations(_MOST_OPERATIONS)
    try:
        left, right = isl.Map(one, context), isl.Map(other, context)
        parameters = isl.Set(known, context).params()
        return bool(left.intersect_params(parameters).is_equal(right.intersect_params(parameters)))
    except isl.Error:
        return False


def _example(pairs: isl.Map) -> Example:
    """Return a pair with small numbers, if there is one."""
    names = [pairs.get_dim_name(_PARAM, position) or "" for position in range(pairs.dim(_PARAM))]
    width = pairs.dim(_IN)
    points = pairs.wrap().flatten()
    count = points.dim(_PARAM)
    points = points.move_dims(_SET, 0, _PARAM, 0, count).reset_tuple_id()
    chosen = points
    for bound in _BOUNDS:
        boxed = points
        for position in range(points.dim(_SET)):
            boxed = boxed.lower_bound_val(_SET, position, isl.Val(0, points.get_ctx()))
            boxed = boxed.upper_bound_val(_SET, position, isl.Val(bound, points.get_ctx()))
        if not boxed.is_empty():
            chosen = boxed
            break
    point = chosen.sample_point()
    values = [int(point.get_coordinate_val(_SET, position).to_python()) for position in range(points.dim(_SET))]
    return Example(
        tuple(zip(names, values[:count], strict=True)),
        tuple(values[count : count + width]),
        tuple(values[count + width :]),
    )
