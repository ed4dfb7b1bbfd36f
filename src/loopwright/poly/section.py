"""Which elements of an array a loop touches, where they are one contiguous stretch."""

from __future__ import annotations

from dataclasses import dataclass

import islpy as isl

from loopwright.core.assumption import MapText, SetText
from loopwright.poly.loops import Affine, Name

_MAX_OPERATIONS = 20_000_000
_IN, _PARAM, _SET = isl.dim_type.in_, isl.dim_type.param, isl.dim_type.set


@dataclass(frozen=True, slots=True)
class Section:
    """Elements ``low`` to ``low + length - 1``, touched if each of ``conditions`` is not negative."""

    low: Affine
    length: Affine
    conditions: tuple[Affine, ...]


def accessed_section(
    domains: tuple[SetText, ...], relations: tuple[MapText, ...], outer: int, context: SetText
) -> Section | None:
    """Return the elements touched in one iteration of the ``outer`` loops around a region.

    None if they are not all the elements between two affine bounds, so that a section would hold one that the
    loop does not touch, or if the array does not have exactly one subscript.

    Args:
        domains: Exact domain of the accessing statement, per access.
        relations: Exact access relations.
        outer: Number of loops around the region; their dimensions become parameters.
        context: What is known of the parameters.
    """
    local = isl.Context()
    local.set_max_operations(_MAX_OPERATIONS)
    try:
        touched: isl.Set | None = None
        for domain, relation in zip(domains, relations, strict=True):
            access = isl.Map(relation, local).intersect_domain(isl.Set(domain, local))
            names = [access.get_dim_name(_IN, index) or "" for index in range(outer)]
            first = access.dim(_PARAM)
            access = access.move_dims(_PARAM, first, _IN, 0, outer)
            for index, name in enumerate(names):
                access = access.set_dim_name(_PARAM, first + index, name)
            elements = access.range()
            touched = elements if touched is None else touched.union(elements)
        if touched is None or touched.dim(_SET) != 1:
            return None
        parameters = isl.Set(context, local).params()
        touched = touched.intersect_params(parameters).coalesce()
        return _contiguous(touched, parameters)
    except isl.Error:
        return None


def _contiguous(touched: isl.Set, context: isl.Set) -> Section | None:
    low, high = _affine(touched.dim_min(0)), _affine(touched.dim_max(0))
    conditions = _conditions(touched.params().gist(context))
    if low is None or high is None or conditions is None:
        return None
    space = isl.Set.universe(touched.get_space())
    lows, highs = (isl.Set.from_pw_aff(bound) for bound in (touched.dim_min(0), touched.dim_max(0)))
    lows, highs = (bound.set_tuple_name(touched.get_tuple_name()) for bound in (lows, highs))
    # between = { x : low <= x <= high }; a section must hold no element that is not touched.
    between = lows.lex_le_set(space).range() & highs.lex_ge_set(space).range()
    if not between.is_subset(touched):
        return None
    return Section(low, high.plus(low, -1).plus(Affine((), 1)), conditions)


def _conditions(parameters: isl.Set) -> tuple[Affine, ...] | None:
    pieces = parameters.coalesce().get_basic_sets()
    if len(pieces) != 1 or pieces[0].dim(isl.dim_type.div):
        return None
    values: list[Affine] = []
    for constraint in pieces[0].remove_redundancies().get_constraints():
        value = _value(constraint.get_aff())
        if value is None or constraint.is_equality():
            return None
        values.append(value)
    return tuple(values)


def _affine(bound: isl.PwAff) -> Affine | None:
    pieces = bound.coalesce().get_pieces()
    if len(pieces) != 1:
        return None
    return _value(pieces[0][1])


def _value(value: isl.Aff) -> Affine | None:
    if value.dim(isl.dim_type.div) or not value.get_denominator_val().is_one():
        return None
    terms: list[tuple[Name, int]] = []
    for index in range(value.dim(_PARAM)):
        factor = int(str(value.get_coefficient_val(_PARAM, index)))
        if factor:
            terms.append((Name(value.get_dim_name(_PARAM, index) or ""), factor))
    return Affine(tuple(terms), int(str(value.get_constant_val())))
