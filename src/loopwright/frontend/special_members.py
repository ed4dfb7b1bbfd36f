"""Code that C++ runs where none is written: when an object is made by itself, copied, or at its end.

The types of the standard library do no harm: what they run touches no memory but their own.
"""

from __future__ import annotations

from collections.abc import Callable

from loopwright.frontend.clang import Node, NodeType

_CONSTRUCTOR, _DESTRUCTOR, _METHOD = 24, 25, 21
_PARAMETER = frozenset({10})
_BLOCK = frozenset({202})
_FIELD = 6
# Members and bases of a class.
_PARTS = frozenset({_FIELD, 44})
# References and calls: an initial value without them is a constant.
_DEPENDENT = frozenset({101, 102, 103, 134})
_CALLS = frozenset({103, 134})
_RECORD = 105
_ARRAYS = frozenset({112, 113, 114, 115})
_DEEPEST = 8
_MOST_ARGUMENTS = 4


def is_destroyed(type_: NodeType) -> bool:
    """Return True if somebody wrote what happens when an object of the type ends."""
    return _has_member(type_, lambda member: member.kind == _DESTRUCTOR and member.definition() is not None)


def is_copied_by_code(type_: NodeType) -> bool:
    """Return True if somebody wrote what happens when an object is made without arguments, copied, assigned or ended.

    What can only set the object's own members to constants or to those of another one is not counted.
    """
    return _has_member(type_, _runs_code)


def _has_member(type_: NodeType, is_wanted: Callable[[Node], bool], depth: int = 0) -> bool:
    """Return True if a class, or one of which it holds or extends objects, has such a member."""
    while type_.kind in _ARRAYS:
        type_ = type_.element().canonical()
    if type_.kind != _RECORD or depth > _DEEPEST:
        return False
    definition = type_.declaration().definition()
    if definition is None:
        return False
    arguments = (type_.template_argument(number) for number in range(_MOST_ARGUMENTS))
    if any(each is not None and _has_member(each.canonical(), is_wanted, depth + 1) for each in arguments):
        return True
    if type_.spelling.removeprefix("const ").startswith("std::"):
        return False
    # Of a class that is made of a template only the template shows what it holds.
    definition = definition.template() or definition
    return any(
        is_wanted(child) or (child.kind in _PARTS and _has_member(child.type.canonical(), is_wanted, depth + 1))
        for child in definition.children()
    )


def _runs_code(member: Node) -> bool:
    if member.kind == _FIELD:
        return not member.is_bit_field and member.has_below(_DEPENDENT)
    is_special = (
        member.kind == _DESTRUCTOR
        or (member.kind == _CONSTRUCTOR and len(member.children_of_kind(_PARAMETER)) <= 1)
        or (member.kind == _METHOD and member.spelling == "operator=")
    )
    return is_special and not _is_harmless(member)


def _is_harmless(member: Node) -> bool:
    """Return True for a member that the compiler writes, or whose body is empty and that calls nothing."""
    definition = member.definition()
    if definition is None:
        return False
    blocks = definition.children_of_kind(_BLOCK)
    return not any(block.children() for block in blocks) and not definition.has_below(_CALLS)
