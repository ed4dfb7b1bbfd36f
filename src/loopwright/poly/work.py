"""What the nests of a function must do at given sizes: floating-point operations, and bytes that cross the memory bus.

``count_function`` first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import islpy as isl

from loopwright.core.function import Function
from loopwright.core.nest import AccessKind, LoopNest
from loopwright.core.variable import Storage, Variable
from loopwright.poly.cardinality import count_points, has_one_value_each
from loopwright.poly.convert import LimitError, PolyError, limited, to_set
from loopwright.poly.count import with_values
from loopwright.poly.flow import references_inside, uncovered_reads
from loopwright.poly.nest_sets import NestSets, sets_of

_LIMIT_S = 10.0
_PARAM = isl.dim_type.param

ValueOf = Callable[[str], int | None]
"""C text -> its value at the sizes in question; None if it has none."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Of one call; None for what cannot be counted exactly."""

    flops: int | None
    compulsory_bytes: int | None


@dataclass(slots=True)
class _Memory:
    """The elements of one array that must be loaded, and those that must be stored, over all nests so far."""

    size_bytes: int
    strides: tuple[int, ...] | None
    loaded: isl.Set
    stored: isl.Set


class _UnknownError(Exception):
    """Something cannot be counted."""


def count_function(function: Function, value_of: ValueOf) -> Amount:
    """Return what one call must do, as exact counts over the iteration domains.

    - Operations are ``Statement.operations`` times the statement's instances.
    - Compulsory bytes are what an unbounded cache would move: each element once that is read before the function has
      written it, and each element once that is written. An array that several nests share counts once. Scalars and
      arrays that live inside the function do not count.
    - A nest holds all loops around its statements, so a loop of sweeps multiplies the operations and not the bytes. A
      loop that no nest could be made of (``while``, a step that doubles) may repeat the nests inside it any number of
      times, a nest in a branch may not run, and a function called outside the nests may do anything: then neither is
      known. A domain that depends on data makes unknown what rests on it.
    - Outside the nests only calls are looked at: a few operations and elements there are left out.
    - A function that returns early (``if (n < 2) return;``) is taken to go on.

    Args:
        function: Its nests.
        value_of: Gives the nests' parameters, and strides, their values.
    """
    is_plain = function.nests and not function.unsupported and not function.outside_calls
    if not is_plain or any(nest.is_conditional for nest in function.nests):
        return Amount(None, None)
    return Amount(_guarded(_count_flops, function, value_of), _guarded(_count_bytes, function, value_of))


def _guarded(count: Callable[[Function, ValueOf], int], function: Function, value_of: ValueOf) -> int | None:
    try:
        with limited(_LIMIT_S):
            return count(function, value_of)
    except (LimitError, PolyError, _UnknownError):
        return None


def _values(nest: LoopNest, value_of: ValueOf) -> dict[str, int]:
    found = {parameter.name: value_of(parameter.expression) for parameter in nest.parameters}
    return {name: value for name, value in found.items() if value is not None}


def _count_flops(function: Function, value_of: ValueOf) -> int:
    total = 0
    for nest in function.nests:
        sets, values = sets_of(nest), _values(nest, value_of)
        for statement in nest.statements:
            if statement.operations:
                if not statement.exact:
                    raise _UnknownError
                total += statement.operations * _counted(_settled(sets, to_set(statement.domain), values))
    return total


def _settled(sets: NestSets, points: isl.Set, values: Mapping[str, int]) -> isl.Set:
    """Return ``points`` without parameters, each at the value that ``values`` or the nest's context gives it."""
    fixed = with_values(points, values).drop_unused_params()
    if fixed.dim(_PARAM):
        fixed = with_values(fixed.intersect_params(sets.context), values)
        if not fixed.is_empty() and not has_one_value_each(fixed):
            raise _UnknownError
    return fixed.project_out(_PARAM, 0, fixed.dim(_PARAM))


def _counted(points: isl.Set) -> int:
    found = count_points(points)
    if found is None:
        raise _UnknownError
    return found


def _count_bytes(function: Function, value_of: ValueOf) -> int:
    memory: dict[str, _Memory] = {}
    for nest in function.nests:
        sets, values = sets_of(nest), _values(nest, value_of)
        for variable in nest.variables:
            if variable.is_pointer or (variable.rank and variable.storage is not Storage.LOCAL):
                _add(memory, sets, variable, values, value_of)
    for first, second in function.pointer_aliases:
        if first in memory and second in memory:
            raise _UnknownError  # one array under two names
    return sum(each.size_bytes * (_counted(each.loaded) + _counted(each.stored)) for each in memory.values())


def _add(
    memory: dict[str, _Memory], sets: NestSets, variable: Variable, values: Mapping[str, int], value_of: ValueOf
) -> None:
    references = references_inside(sets, variable.name, None)
    if not references:
        return
    if not all(statement.exact and access.exact for statement, access in references):
        raise _UnknownError
    relations = [(access.kind, sets.relation(statement.name, access)) for statement, access in references]
    nothing = isl.Set.empty(relations[0][1].range().get_space().drop_all_params())
    stored, loaded = nothing, nothing
    for kind, relation in relations:
        if kind is AccessKind.WRITE:
            stored = stored.union(_settled(sets, relation.range(), values))
    for read in uncovered_reads(sets, variable.name, None):
        loaded = loaded.union(_settled(sets, read.relation.range(), values))
    mine = _Memory(variable.element.size_bytes, _strides(variable, value_of), loaded, stored)
    earlier = memory.get(variable.name)
    memory[variable.name] = mine if earlier is None else _joined(earlier, mine)


def _joined(earlier: _Memory, later: _Memory) -> _Memory:
    """Return both: what the later nest reads and the earlier one has written need not be loaded."""
    if earlier.size_bytes != later.size_bytes:
        raise _UnknownError
    if earlier.strides != later.strides:
        earlier, later = _flat(earlier), _flat(later)
    loaded = earlier.loaded.union(later.loaded.subtract(earlier.stored))
    return _Memory(earlier.size_bytes, earlier.strides, loaded, earlier.stored.union(later.stored))


def _strides(variable: Variable, value_of: ValueOf) -> tuple[int, ...] | None:
    """Return the distance, in elements, between neighbours along each subscript; None if it is not known."""
    if variable.rank < 2:
        return (1,) * variable.rank
    texts = variable.strides
    if texts:
        found = [value_of(text) for text in texts]
        return tuple(value for value in found if value is not None) if None not in found else None
    strides = [1]
    for text in reversed(variable.extents[1:]):
        extent = value_of(text) if text else None
        if extent is None:
            return None
        strides.insert(0, strides[0] * extent)
    return tuple(strides)


def _flat(memory: _Memory) -> _Memory:
    """Return the elements by their distance from the first, where two nests see an array in different shapes."""
    if memory.strides is None:
        raise _UnknownError
    names = [f"s{at}" for at in range(len(memory.strides))]
    total = " + ".join([*(f"{stride} {name}" for stride, name in zip(memory.strides, names, strict=True)), "0"])
    tuple_name = memory.loaded.get_tuple_name() or ""
    place = isl.Map(f"{{ {tuple_name}[{', '.join(names)}] -> {tuple_name}[{total}] }}")
    return _Memory(memory.size_bytes, (1,), memory.loaded.apply(place), memory.stored.apply(place))
