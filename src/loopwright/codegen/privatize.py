"""``private``, ``firstprivate`` and ``lastprivate``: each thread its own copy of a variable."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.codegen.refusal import refuse
from loopwright.codegen.region import Region, is_field, is_reached_through_pointer, require_iterator
from loopwright.codegen.text import literal
from loopwright.core.codes import Code
from loopwright.core.variable import Storage, Variable

MAX_COPY_BYTES = 256 << 10
"""Largest private copy of an array that a thread's stack is trusted with."""


def sharing_clauses(region: Region, construct: str) -> tuple[str, ...]:
    """Return the three clauses of ``region``, empty ones left out.

    The iterators of loops inside that are declared outside the region are shared by default in C, so they are
    listed whether or not legality did.

    Args:
        region: What the directive governs.
        construct: "parallel for", "parallel for simd" or "simd".
    """
    environment = region.environment
    first = _names(region, environment.firstprivate)
    last = _names(region, environment.lastprivate)
    private = [name for name in _names(region, environment.private) if name not in (*first, *last)]
    reduced = {name for name, _ in environment.reductions}
    for variable in region.assigned_iterators():
        if variable.identifier in (*private, *first, *last) or variable.name in reduced:
            continue
        if variable.live_out:
            refuse(Code.LAST_VALUE_USED, f"the last value of {variable.identifier} is used after the loop")
        private.append(variable.identifier)
    last = [*_own_last_values(region, construct), *last]
    if construct == "simd" and first:
        refuse(Code.STEP_DOES_NOT_FIT, f"a simd loop cannot have its own copy of the value of {first[0]}")
    clauses = (("private", private), ("firstprivate", first), ("lastprivate", last))
    return tuple(f"{clause}({', '.join(names)})" for clause, names in clauses if names)


def first_value(region: Region) -> str:
    """Return the assignment that must stand in front of the directive, or "".

    With ``lastprivate(i)`` and no iteration at all, OpenMP leaves ``i`` as it was; the original loop assigns its first
    value. A proof includes that there are iterations; without one the value is assigned.
    """
    live = [] if region.is_proved else [name for name in region.associated if _is_live_after(region, name)]
    if not live:
        return ""
    if len(region.associated) > 1:
        refuse(Code.LAST_VALUE_USED, f"the last value of {region.nest.loop(live[0]).iterator} is used after the loops")
    loop = region.nest.loop(live[0])
    return f"{loop.iterator} = {loop.lower};"


def _own_last_values(region: Region, construct: str) -> tuple[str, ...]:
    # The iterator of a simd loop is linear by itself, which includes its last value.
    if construct == "simd":
        return ()
    return tuple(region.nest.loop(name).iterator for name in region.associated if _is_live_after(region, name))


def _is_live_after(region: Region, name: str) -> bool:
    loop = region.nest.loop(name)
    if loop.declares_iterator:
        return False
    variable = require_iterator(region.nest, loop)
    if region.is_inside(variable):
        return False
    return variable.live_out or variable.name in region.environment.lastprivate


def _names(region: Region, listed: Iterable[str]) -> list[str]:
    names: list[str] = []
    for name in listed:
        variable = region.nest.variable(name)
        if region.is_inside(variable) or variable.identifier in region.own_iterators:
            continue
        identifier = (
            _record_name(region, variable, tuple(listed)) if is_field(variable) else region.clause_name(variable)
        )
        _check_copy(variable)
        if identifier not in names:
            names.append(identifier)
    return names


def _record_name(region: Region, variable: Variable, listed: tuple[str, ...]) -> str:
    """Return the record's name if every member that the region uses is in the same clause."""
    record = variable.identifier.partition(".")[0]
    for other in region.nest.variables:
        same = is_field(other) and other.identifier.partition(".")[0] == record and other.scope == variable.scope
        if same and other.name not in listed:
            refuse(Code.STEP_DOES_NOT_FIT, f"{variable.name} cannot be privatized without {other.name}")
    if variable.is_pointer or not record.isidentifier():
        refuse(Code.STEP_DOES_NOT_FIT, f"{variable.name} is not a variable that an OpenMP clause can name")
    return record


def _check_copy(variable: Variable) -> None:
    if is_reached_through_pointer(variable):
        refuse(Code.STEP_DOES_NOT_FIT, f"{variable.name} is behind a pointer, so a thread cannot have a copy of it")
    if variable.rank == 0 or variable.storage is Storage.LOCAL:
        return
    size = variable.element.size_bytes
    for extent in variable.extents:
        size *= literal(extent) or MAX_COPY_BYTES + 1
    if size > MAX_COPY_BYTES:
        refuse(Code.STEP_DOES_NOT_FIT, f"{variable.name} is too large for a copy on each thread's stack")
