"""Which variables may share memory, and the C expression that tells at run time that two do not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind, LoopNest, Statement
from loopwright.core.variable import ElementKind, ElementType, Storage, Variable
from loopwright.legality.facts import Facts
from loopwright.legality.obstacle import Obstacle
from loopwright.poly.ranges import MAX_CANDIDATES, element_range

_INTEGERS = (ElementKind.SIGNED, ElementKind.UNSIGNED)
_SIMPLE = re.compile(r"[A-Za-z_]\w*((\.|->)[A-Za-z_]\w*)*")


def may_overlap(nest: LoopNest, first: Variable, second: Variable) -> bool:
    """Return True if the two names may stand for common memory, by C's rules alone.

    One name is always one memory, so it overlaps itself; that is for the dependences to judge.
    """
    # overlap(u, v) = part(u, v), or: a pointer reaches both, not restrict(u, v), and not (one is declared and of a type
    #                 that the pointer may not access)
    if first.name == second.name:
        return True
    if not (is_behind_pointer(first) or is_behind_pointer(second)):
        return _is_part(_path(first.name), _path(second.name))
    if _have_one_base(first, second):
        return _is_part(_path(first.name.removeprefix(first.base)), _path(second.name.removeprefix(second.base)))
    if not (_is_reachable(first) and _is_reachable(second)):
        return False
    if _restrict_separates(nest, first, second) or _restrict_separates(nest, second, first):
        return False
    holds_pointers = ElementKind.POINTER in (first.element.kind, second.element.kind)
    if is_behind_pointer(first) and is_behind_pointer(second) and not holds_pointers:
        # Allocated memory takes the type of the last store (C11 6.5p6), so types exclude only a flow dependence here:
        # a loop may narrow an array in place. A table of row pointers is taken not to be the rows.
        return True
    return not nest.strict_aliasing or _are_compatible(first.element, second.element)


def is_behind_pointer(variable: Variable) -> bool:
    """Return True if the memory is reached through a pointer; an array parameter of C is one, however it is written."""
    is_member = "." in variable.name
    return variable.is_pointer or (variable.storage is Storage.PARAMETER and variable.rank > 0 and not is_member)


def _path(name: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"\.|->", name) if part)


def _is_part(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return True unless the paths lead to different members, as in ``p.x`` and ``p.y``."""
    return one[: len(other)] == other or other[: len(one)] == one


def _have_one_base(first: Variable, second: Variable) -> bool:
    """Return True if both are indexed from one pointer, so that different fields are different memory."""
    if not first.base or first.base != second.base or first.declaration != second.declaration:
        return False
    return first.name.startswith(first.base) and second.name.startswith(second.base)


def _is_reachable(variable: Variable) -> bool:
    """Return True if a pointer may reach the memory of ``variable``: no function keeps the address of other locals."""
    is_static = variable.storage in (Storage.GLOBAL, Storage.STATIC)
    return is_behind_pointer(variable) or variable.address_taken or is_static


def _restrict_separates(nest: LoopNest, restricted: Variable, other: Variable) -> bool:
    """Return True if ``restrict`` on the first says that the second is not based on it.

    A local pointer may have been made from it; that restrict does not exclude.
    """
    if not restricted.is_restrict or restricted.storage not in (Storage.PARAMETER, Storage.GLOBAL):
        return False
    if restricted.base == other.base or other.name in _made_from(nest, restricted.name):
        return False
    return not (is_behind_pointer(other) and other.storage in (Storage.LOCAL, Storage.STATIC))


def _made_from(nest: LoopNest, pointer: str) -> set[str]:
    """Return the pointers that are linked to ``pointer`` by assignments."""
    linked, before = {pointer}, 0
    while len(linked) > before:
        before = len(linked)
        for pair in nest.pointer_aliases:
            if linked & set(pair):
                linked.update(pair)
    return linked


def _are_compatible(first: ElementType, second: ElementType) -> bool:
    """Return False only if C11 6.5p7 forbids that an object is accessed through both types."""
    kinds = {first.kind, second.kind}
    if ElementKind.RECORD in kinds:
        return True
    if any(element.kind in _INTEGERS and element.size_bytes == 1 for element in (first, second)):
        return True  # character types
    if any("omplex" in element.spelling for element in (first, second)):
        return kinds == {ElementKind.FLOAT}
    if kinds <= set(_INTEGERS) or len(kinds) == 1:
        return first.size_bytes == second.size_bytes
    return False


def overlaps_among(facts: Facts, statements: Iterable[Statement]) -> list[tuple[Variable, Variable]]:
    """Return the pairs of variables that may overlap, are both accessed by ``statements``, and one of them written."""
    read: dict[str, None] = {}
    written: set[str] = set()
    for statement in statements:
        for access in statement.accesses:
            read[access.variable] = None
            if access.kind is AccessKind.WRITE:
                written.add(access.variable)
    variables = [facts.nest.variable(name) for name in read]
    return [
        (first, second)
        for index, first in enumerate(variables)
        for second in variables[index + 1 :]
        if (first.name in written or second.name in written) and may_overlap(facts.nest, first, second)
    ]


def no_alias(facts: Facts, first: Variable, second: Variable) -> Assumption | Obstacle:
    """Return the assumption that two variables do not overlap, with its guard; an obstacle if there is no guard."""
    # disjoint = behind(u) <= first(v) or behind(v) <= first(u), over all elements that the nest touches
    one, other = _ends(facts, first), _ends(facts, second)
    if one is None or other is None or (first.base and first.base == second.base):
        unknown = first if one is None else second
        return Obstacle(
            Code.ALIAS_UNGUARDED,
            f"`{first.name}` and `{second.name}` may overlap, and no check in front of the nest can exclude it: "
            f"which part of `{unknown.name}` is touched is not known there",
            waivable=True,
            span=second.declaration or first.declaration,
        )
    cast = "" if _have_one_type(first, second) else "(const char *)"
    one_first, one_behind = ([_cast(cast, end) for end in ends] for ends in one)
    other_first, other_behind = ([_cast(cast, end) for end in ends] for ends in other)
    guard = f"({_all_before(one_behind, other_first)} || {_all_before(other_behind, one_first)})"
    return Assumption(
        AssumptionKind.NO_ALIAS,
        f"`{first.name}` and `{second.name}` do not overlap",
        guard,
        Code.ALIAS_GUARDED,
        (first.name, second.name),
    )


def _have_one_type(first: Variable, second: Variable) -> bool:
    """Return True if pointers to the two have one type, so that C compares them without a cast."""
    return first.element.spelling.removeprefix("const ") == second.element.spelling.removeprefix("const ") and all(
        is_behind_pointer(each) and each.base_element_size_bytes == each.element.size_bytes and "." not in each.name
        for each in (first, second)
    )


def _cast(cast: str, address: str) -> str:
    return f"{cast}({address})" if cast and not _SIMPLE.fullmatch(address.removeprefix("&")) else f"{cast}{address}"


def _all_before(ends: list[str], starts: list[str]) -> str:
    tests = [f"{end} <= {start}" for end in ends for start in starts]
    return tests[0] if len(tests) == 1 else "(" + " && ".join(tests) + ")"


def _ends(facts: Facts, variable: Variable) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return C addresses of the first element touched and of the one behind the last."""
    if variable.scope is not None:
        return None
    if not is_behind_pointer(variable):
        whole = variable.base or variable.identifier
        if not whole:
            return None
        return (f"&{_operand(whole)}",), (f"&{_operand(whole)} + 1",)
    touched = element_range(facts.sets, variable) if variable.base else None
    if touched is None or len(touched.first) * len(touched.behind) > 2 * MAX_CANDIDATES:
        return None
    base = f"&{variable.base}" if variable.is_reference else variable.base
    return tuple(_address(base, offset) for offset in touched.first), tuple(
        _address(base, offset) for offset in touched.behind
    )


def _operand(text: str) -> str:
    return text if _SIMPLE.fullmatch(text.removeprefix("&")) else f"({text})"


def _address(base: str, offset: str) -> str:
    """Return the address ``base + offset``."""
    if offset == "0":
        return _operand(base)
    if re.fullmatch(r"-\d+", offset):
        return f"{_operand(base)} - {offset.removeprefix('-')}"
    return f"{_operand(base)} + {offset}"
