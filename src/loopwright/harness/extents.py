"""How much memory a call needs: array extents from the access relations, under concrete sizes.

An access that is described exactly gives an exact extent. What is not bounded (an indirect subscript, a loop from
``row[i]`` to ``row[i + 1]``) gets a guess from the sizes, which ``level`` makes more generous; the harness finds out by
running the original under AddressSanitizer whether the guess was large enough.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from loopwright.core.nest import AccessKind, LoopNest, Statement
from loopwright.core.variable import ElementKind, Variable
from loopwright.harness.expression import ExpressionError, evaluate, normalise
from loopwright.harness.subject import Slot, SlotKind, Subject, statements_of
from loopwright.poly.count import Range, index_bounds, instance_bound

DEFAULT_SIZE = 16
_SUBSCRIPTED = re.compile(r"([A-Za-z_]\w*(?:\s*(?:->|\.)\s*[A-Za-z_]\w*)*)\s*\[")


@dataclass(frozen=True, slots=True)
class Extent:
    """Number of elements; for ROWS ``columns`` per row. ``is_guess``: not derived from exact accesses alone."""

    count: int
    columns: int = 0
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Roles:
    """What the nests do with the arrays, by slot name; independent of sizes.

    Attributes:
        offsets: Arrays that loop bounds read (``row[i]``).
        between_offsets: Arrays that are subscripted inside loops with such bounds.
        indexes: Arrays whose values are subscripts, with the variables that they subscript.
        written_first: Arrays that are never read.
    """

    offsets: frozenset[str]
    between_offsets: frozenset[str]
    indexes: tuple[tuple[str, tuple[Variable, ...]], ...]
    written_first: frozenset[str]


def largest_size(sizes: Mapping[str, int]) -> int:
    """Return the largest size, or a default where a subject has none."""
    return max(sizes.values(), default=DEFAULT_SIZE)


def find_roles(subject: Subject) -> Roles:
    """Return what the nests do with the subject's arrays."""
    owners = _owners(subject)
    function = subject.function
    if function is None:
        return Roles(frozenset(), frozenset(), (), frozenset())
    offsets: set[str] = set()
    between: set[str] = set()
    indexes: dict[str, dict[str, Variable]] = {}
    read: set[str] = set()
    written: set[str] = set()
    for nest in function.nests:
        for loop in nest.loops:
            named = {normalise(name) for name in _SUBSCRIPTED.findall(f"{loop.lower} {loop.upper}")}
            bounds = {owners[name] for name in named if name in owners}
            offsets |= bounds
            if bounds:
                inside = nest.inside(loop.name)
                between |= {
                    owners[access.variable]
                    for statement in inside
                    for access in statement.accesses
                    if access.variable in owners
                    and not access.index_variables
                    and re.search(rf"\b{re.escape(loop.name)}\b", access.relation.split("->")[-1])
                }
    for statement, nest in statements_of(function):
        for access in statement.accesses:
            owner = owners.get(access.variable)
            if owner is not None:
                (written if access.kind is AccessKind.WRITE else read).add(owner)
            for name in access.index_variables:
                if name in owners and nest is not None:
                    indexes.setdefault(owners[name], {})[access.variable] = nest.variable(access.variable)
    is_known = not function.unsupported and not function.pointer_aliases
    return Roles(
        frozenset(offsets),
        frozenset(between),
        tuple((name, tuple(targets.values())) for name, targets in indexes.items()),
        frozenset(written - read - offsets - set(indexes)) if is_known else frozenset(),
    )


def _owners(subject: Subject) -> dict[str, str]:
    """Return slot names by the nests' variable names."""
    return {variable.name: slot.name for slot in subject.slots for variable in slot.variables}


def parameter_values(nest: LoopNest | None, sizes: Mapping[str, int]) -> tuple[dict[str, int], bool]:
    """Return the nest's parameters under ``sizes`` and whether one of them had to be guessed (a local's value)."""
    if nest is None:
        return dict(sizes), False
    values: dict[str, int] = {}
    is_guess = False
    for parameter in nest.parameters:
        try:
            values[parameter.name] = evaluate(parameter.expression, sizes)
        except ExpressionError:
            values[parameter.name] = largest_size(sizes)
            is_guess = True
    return values, is_guess


def find_extents(subject: Subject, roles: Roles, sizes: Mapping[str, int], level: int = 0) -> dict[str, Extent]:
    """Return the extent of each array of the subject by slot name; ``level`` 0 to 2 makes guesses more generous."""
    found: dict[str, Extent] = {}
    for slot in subject.slots:
        if slot.kind in (SlotKind.ARRAY, SlotKind.ROWS, SlotKind.GLOBAL_POINTER, SlotKind.RECORDS, SlotKind.VECTOR):
            found[slot.name] = _extent(subject, roles, slot, sizes, level)
    return found


def _guess(sizes: Mapping[str, int], level: int) -> int:
    largest = largest_size(sizes)
    if level == 0:
        return largest + 1
    product = 1
    for value in sorted(sizes.values(), reverse=True)[: level + 1]:
        product *= max(value, 1)
    return max(4**level * (largest + 1), product)


def total_of_offsets(sizes: Mapping[str, int], level: int) -> int:
    """Return the last value of an offsets array that nothing is said of."""
    return 4 * largest_size(sizes) * (2**level)


def _extent(subject: Subject, roles: Roles, slot: Slot, sizes: Mapping[str, int], level: int) -> Extent:
    said = subject.spec.array(slot.name)
    if said is not None and said.extent is not None:
        return Extent(_said(said.extent, sizes))
    if slot.kind is SlotKind.VECTOR and f"{slot.name}.size" in sizes:
        return Extent(sizes[f"{slot.name}.size"])
    rows = columns = 0
    is_guess = not slot.variables
    names = {variable.name: variable for variable in slot.variables}
    for statement, nest in statements_of(subject.function) if subject.function else ():
        touched = {access.variable for access in statement.accesses} & set(names)
        for name in touched:
            count, width, guessed = _count(statement, nest, names[name], slot, sizes)
            rows, columns = max(rows, count), max(columns, width)
            is_guess |= guessed
    if slot.name in roles.offsets:
        rows, is_guess = max(rows, _guess(sizes, level)), is_guess
    if slot.name in roles.between_offsets:
        rows, is_guess = max(rows, total_of_offsets(sizes, level)), True
    elif is_guess:
        rows = max(rows, 1 if slot.kind is SlotKind.RECORDS and not _has_subscripts(slot) else _guess(sizes, level))
        columns = max(columns, _guess(sizes, level))
    return Extent(max(rows, 1) if slot.kind is SlotKind.RECORDS else rows, columns, is_guess)


def _has_subscripts(slot: Slot) -> bool:
    return any(variable.rank and variable.base == slot.name for variable in slot.variables)


def _said(text: str, sizes: Mapping[str, int]) -> int:
    try:
        return max(evaluate(text, sizes), 0)
    except ExpressionError:
        return largest_size(sizes)


def _count(
    statement: Statement, nest: LoopNest | None, variable: Variable, slot: Slot, sizes: Mapping[str, int]
) -> tuple[int, int, bool]:
    """Return elements, columns and whether they are a guess, for one statement's accesses to one variable."""
    values, guessed = parameter_values(nest, sizes)
    ranges = index_bounds((statement,), variable.name, values)
    if ranges is None:
        return 0, 0, False
    is_inexact = any(not access.exact for access in statement.accesses if access.variable == variable.name)
    if not ranges:
        return 1, 1, False
    highs = [_top(item) for item in ranges]
    if any(high is None for high in highs):
        exact = index_bounds((statement,), variable.name, values, exact_only=True)
        highs = [_top(item) for item in exact] if exact else []
        is_inexact = True
        if not highs or any(high is None for high in highs):
            return 0, 0, True
    tops = [high for high in highs if high is not None]
    if slot.kind is SlotKind.ROWS:
        return tops[0] + 1, (tops[1] + 1 if len(tops) > 1 else 0), is_inexact or guessed
    environment = {**sizes, **values}
    try:
        if variable.strides:
            strides = [evaluate(text, environment) for text in variable.strides]
            last = sum(top * stride for top, stride in zip(tops, strides, strict=False))
            count = last + 1
        else:
            inner = [evaluate(text, environment) for text in variable.extents[1 : len(tops)]]
            count = tops[0] + 1
            if slot.kind is not SlotKind.RECORDS:
                for extent in inner:
                    count *= max(extent, 0)
    except ExpressionError:
        return 0, 0, True
    if variable.is_pointer and variable.base and normalise(variable.base) != slot.name and "." not in variable.name:
        is_inexact = True  # a second pointer into the same memory, at an unknown distance
    return count, 0, is_inexact or guessed


def _top(item: Range) -> int | None:
    return None if item.high is None else max(item.high, -1)


def index_limit(
    subject: Subject, targets: tuple[Variable, ...], found: Mapping[str, Extent], sizes: Mapping[str, int]
) -> int:
    """Return the number of values that an index array may hold, so that it stays inside what it subscripts."""
    owners = _owners(subject)
    limits: list[int] = []
    for variable in targets:
        declared = variable.extents[0] if variable.extents else ""
        if declared:
            try:
                limits.append(evaluate(declared, sizes))
                continue
            except ExpressionError:
                pass
        owner = owners.get(variable.name)
        if owner is not None and owner in found:
            limits.append(found[owner].count)
    return min(limits, default=largest_size(sizes))


def fits(subject: Subject, sizes: Mapping[str, int]) -> bool:
    """Return True if under ``sizes`` no exact access leaves an array whose extents the source fixes."""
    for statement, nest in statements_of(subject.function) if subject.function else ():
        values, guessed = parameter_values(nest, sizes)
        if nest is None or guessed:
            continue
        for access in statement.accesses:
            variable = nest.variable(access.variable)
            ranges = index_bounds((statement,), variable.name, values, exact_only=True) if variable.rank else None
            for item, extent in zip(ranges or (), variable.extents, strict=False):
                try:
                    limit = evaluate(extent, {**sizes, **values}) if extent else None
                except ExpressionError:
                    limit = None
                if limit is not None and item.high is not None and item.high >= limit:
                    return False
    return True


def estimate_work(subject: Subject, sizes: Mapping[str, int]) -> int:
    """Return about how many statement instances one call runs."""
    work = 0
    for statement, nest in statements_of(subject.function) if subject.function else ():
        values, _ = parameter_values(nest, sizes)
        bound = instance_bound(statement, values)
        work += (largest_size(sizes) + 1) ** len(statement.loops) if bound is None else bound
    return work


def is_float(slot: Slot) -> bool:
    """Return True if the slot's elements are floating-point numbers."""
    return slot.element.kind is ElementKind.FLOAT
