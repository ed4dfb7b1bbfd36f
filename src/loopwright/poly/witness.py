"""Concrete pairs of instances out of a dependence relation: small numbers that a reader can check by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable

import islpy as isl

from loopwright.core.dependence import Instance, Witness
from loopwright.core.nest import Access, Statement
from loopwright.core.variable import Variable
from loopwright.poly.convert import translated
from loopwright.poly.dependences import Edge
from loopwright.poly.nest_sets import NestSets
from loopwright.poly.parameters import DerivedParameters

_PARAM, _SET, _IN, _OUT = isl.dim_type.param, isl.dim_type.set, isl.dim_type.in_, isl.dim_type.out

Point = tuple[dict[str, int], list[int]]
"""Values of the parameters, and of the source's and the sink's loops."""

PARAMETER_BOUNDS = (4, 10, 100)
"""Tried in turn, so that the parameters of a witness are small; after them any value will do."""


def find_witness(sets: NestSets, edge: Edge, relation: isl.Map | None = None) -> Witness | None:
    """Return two instances of ``edge`` (of its part ``relation``) with their element; None if there is none.

    The pair is a member of the relation for values of the parameters that can occur in front of the nest, the
    smallest that the search finds. None also means that no small values fit those that are computed from others, or
    that the pair depends on a value of which it is not known how it comes about.
    """
    pairs = edge.relation if relation is None else relation
    derived = DerivedParameters(sets.nest)
    with translated():
        found = _consistent(sets, pairs, derived)
    if found is None:
        return None
    parameters, rest = found
    source, sink = rest[: len(edge.source.loops)], rest[len(edge.source.loops) :]
    computed = derived.values(parameters)
    parameters = {name: value for name, value in parameters.items() if name not in derived.names} | (computed or {})
    accesses = ((edge.source, edge.source_access), (edge.sink, edge.sink_access))
    is_known = not any(
        _involves(sets.relation(statement.name, access), derived.unknown) for statement, access in accesses
    )
    subscripts = _element(sets, edge, parameters, source, sink) if is_known else None
    known = (item.name for item in sets.nest.parameters if item.name not in derived.unknown)
    return Witness(
        tuple((name, parameters[name]) for name in known if name in parameters),
        _instance(edge.source, edge.source_access, source),
        _instance(edge.sink, edge.sink_access, sink),
        _element_text(edge.variable, subscripts, parameters),
    )


def has_witness(sets: NestSets, pairs: isl.Map) -> bool:
    """Return True if ``find_witness`` finds one among ``pairs``, which are not empty."""
    with translated():
        return _consistent(sets, pairs, DerivedParameters(sets.nest)) is not None


def _consistent(sets: NestSets, pairs: isl.Map, derived: DerivedParameters) -> Point | None:
    """Return ``_smallest`` of the pairs that can occur, with computed parameters at the values they then have."""
    needed = pairs.gist_params(sets.context)
    pairs = pairs.intersect_params(sets.occurring)
    # That the assumptions ever hold cannot be known either where they ask for such a value.
    if pairs.is_empty() or _involves(needed, derived.unknown) or _involves(sets.assumed, derived.unknown):
        return None
    if not _involves(needed, derived.names):
        return _smallest(pairs)
    for values in derived.candidates():
        fixed = pairs
        for name, value in values.items():
            position = fixed.find_dim_by_name(_PARAM, name)
            if position >= 0:
                fixed = fixed.fix_val(_PARAM, position, _number(value))
        if not fixed.is_empty():
            return _smallest(fixed)
    return None


def _involves(pairs: isl.Map | isl.Set, names: Iterable[str]) -> bool:
    positions = (pairs.find_dim_by_name(_PARAM, name) for name in names)
    return any(position >= 0 and pairs.involves_dims(_PARAM, position, 1) for position in positions)


def _number(value: int) -> isl.Val:
    # From text, since numbers beyond 64 bits come only that way.
    return isl.Val(str(value))


def _smallest(pairs: isl.Map) -> Point | None:
    """Return the lexicographically smallest pair with small parameters."""
    values = _smallest_values(pairs)
    if values is None:
        return None
    names = [pairs.get_dim_name(_PARAM, position) or "" for position in range(pairs.dim(_PARAM))]
    return dict(zip(names, values, strict=False)), values[len(names) :]


def _smallest_values(pairs: isl.Map) -> list[int] | None:
    points = pairs.wrap().flatten()
    parameters = points.dim(_PARAM)
    points = points.move_dims(_SET, 0, _PARAM, 0, parameters).reset_tuple_id()
    for bound in PARAMETER_BOUNDS:
        boxed = points
        for position in range(parameters):
            boxed = boxed.lower_bound_val(_SET, position, _number(-bound))
            boxed = boxed.upper_bound_val(_SET, position, _number(bound))
        # Non-negative values read better, where they will do.
        for candidate in (_nonnegative(boxed, parameters), boxed):
            if not candidate.is_empty():
                return _least(candidate)
    return None if points.is_empty() else _coordinates(points.sample_point())


def _nonnegative(points: isl.Set, parameters: int) -> isl.Set:
    for position in range(parameters):
        points = points.lower_bound_val(_SET, position, _number(0))
    return points


def _least(points: isl.Set) -> list[int]:
    """Return the lexicographically smallest point, or just some point where there is no such.

    Not by ``lexmin``: in isl 0.27 it can come back empty for a set with divisions that has points.
    """
    rest, values = points, list[int]()
    for position in range(points.dim(_SET)):
        low = rest.dim_min_val(position)
        if not low.is_int():
            break
        rest = rest.fix_val(_SET, position, low)
        values.append(int(low.to_python()))
    if len(values) == points.dim(_SET) and not rest.is_empty():
        return values
    return _coordinates(points.sample_point())


def _coordinates(point: isl.Point) -> list[int]:
    count = point.get_space().dim(_SET)
    return [int(point.get_coordinate_val(_SET, position).to_python()) for position in range(count)]


def _instance(statement: Statement, access: Access, values: list[int]) -> Instance:
    return Instance(statement.name, tuple(zip(statement.loops, values, strict=True)), access.span.line)


def _fix(relation: isl.Map, parameters: dict[str, int], values: list[int]) -> isl.Map:
    for name, value in parameters.items():
        position = relation.find_dim_by_name(_PARAM, name)
        if position >= 0:
            relation = relation.fix_val(_PARAM, position, _number(value))
    for position, value in enumerate(values):
        relation = relation.fix_val(_IN, position, _number(value))
    return relation


def _element(sets: NestSets, edge: Edge, parameters: dict[str, int], source: list[int], sink: list[int]) -> list[int]:
    first = _fix(sets.relation(edge.source.name, edge.source_access), parameters, source)
    second = _fix(sets.relation(edge.sink.name, edge.sink_access), parameters, sink)
    with translated():
        common = first.range().intersect(second.range())
        return [] if common.is_empty() else _coordinates(common.sample_point())


def _element_text(variable: Variable, subscripts: list[int] | None, parameters: dict[str, int]) -> str:
    """Return the element as the user would write it: ``a[3]``, ``p[2].x``, ``sum``; ``a[...]`` if none is known."""
    if subscripts is None:
        return f"{variable.name}[...]" if variable.rank else variable.name
    if not subscripts:
        return variable.name
    if variable.strides:
        try:
            weights = [_evaluate(stride, parameters) for stride in variable.strides]
            subscripts = [sum(weight * value for weight, value in zip(weights, subscripts, strict=True))]
        except ValueError:
            pass
    base, field = split_field(variable)
    if field:
        tail = "".join(f"[{value}]" for value in subscripts[1:])
        return f"{base}[{subscripts[0]}]{field}{tail}"
    return variable.name + "".join(f"[{value}]" for value in subscripts)


def split_field(variable: Variable) -> tuple[str, str]:
    """Return the indexed array and the field behind the subscript: ``("p", ".x")``; no field gives ``""``."""
    base = variable.base
    if base and variable.name.startswith(base) and variable.name[len(base) : len(base) + 1] == ".":
        return base, variable.name[len(base) :]
    return variable.name, ""


def _evaluate(text: str, parameters: dict[str, int]) -> int:
    """Return the value of a product of names and numbers; raises ValueError for anything else."""
    result = 1
    for factor in re.split(r"[*()\s]+", text.strip("() ")):
        result *= parameters[factor] if factor in parameters else int(factor)
    return result
