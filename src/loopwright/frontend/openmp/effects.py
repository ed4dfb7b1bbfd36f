"""What a serial loop changes, read off its text where that is certain."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.frontend.library import is_pure_library_call
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.library import Effect, library_call
from loopwright.frontend.syntax import (
    Assignment,
    Call,
    Cast,
    Declaration,
    DeclareStmt,
    Expression,
    Increment,
    JumpStmt,
    Member,
    Name,
    ReturnStmt,
    Stmt,
    Subscript,
    Unary,
    UnknownExpression,
    UnknownStmt,
)
from loopwright.frontend.tree import all_expressions, strip_casts, walk_statements
from loopwright.frontend.types import TypeKind


@dataclass(frozen=True, slots=True)
class Summary:
    """What running a statement any number of times may change and read.

    Attributes:
        assigned: Variables that are assigned by name.
        written: Arrays and pointers through which memory is written, none of them assigned.
        declared: Variables declared inside.
        read: All variables that occur.
    """

    assigned: tuple[Declaration, ...]
    written: tuple[Declaration, ...]
    declared: tuple[Declaration, ...]
    read: tuple[Declaration, ...]


def summarize(statement: Stmt) -> Summary | None:
    """Return what a statement changes; None if that takes running it (calls, directives, pointers that move)."""
    declared: dict[int, Declaration] = {}
    for part in walk_statements(statement):
        if isinstance(part, OpenMPStmt | UnknownStmt | JumpStmt | ReturnStmt):
            return None
        if isinstance(part, DeclareStmt):
            for declaration in part.declarations:
                if declaration.type.kind in (TypeKind.REFERENCE, TypeKind.POINTER):
                    return None
                declared[declaration.key] = declaration
    assigned: dict[int, Declaration] = {}
    written: dict[int, Declaration] = {}
    read: dict[int, Declaration] = {}
    for expression in all_expressions(statement):
        match expression:
            case UnknownExpression():
                return None
            case Call():
                if not _is_harmless(expression):
                    return None
            case Name(declaration=declaration):
                if declaration.type.kind is TypeKind.REFERENCE:
                    return None
                read[declaration.key] = declaration
            case Assignment(left=target) | Increment(operand=target):
                inner = strip_casts(target)
                root = inner.declaration if isinstance(inner, Name) else _root(inner)
                if root is None or target.type.kind is TypeKind.POINTER:
                    return None
                into = assigned if isinstance(inner, Name) else written
                into[root.key] = root
            case _:
                pass
    return Summary(tuple(assigned.values()), tuple(written.values()), tuple(declared.values()), tuple(read.values()))


def assigned_names(*statements: Stmt) -> list[Declaration]:
    """Return the variables that statements assign by name."""
    found: dict[int, Declaration] = {}
    for statement in statements:
        for expression in all_expressions(statement):
            target = (
                expression.left
                if isinstance(expression, Assignment)
                else expression.operand
                if isinstance(expression, Increment)
                else None
            )
            inner = strip_casts(target) if target is not None else None
            if isinstance(inner, Name):
                found[inner.declaration.key] = inner.declaration
    return list(found.values())


def _is_harmless(call: Call) -> bool:
    if is_pure_library_call(call):
        return True
    known = library_call(call.name) if call.target is None or not call.is_defined_by_user else None
    return known is not None and known.effect is Effect.PLAIN and "w" not in known.roles and call.receiver is None


def _root(target: Expression) -> Declaration | None:
    """Return the array or record that holds an lvalue, or the pointer that alone is followed to reach it."""
    inner = strip_casts(target)
    hops = 0
    while True:
        match inner:
            case Name(declaration=declaration):
                return declaration if hops == (1 if declaration.type.kind is TypeKind.POINTER else 0) else None
            case Subscript(base=base) if base.type.container is None:
                hops += _hop(base)
                inner = strip_casts(base)
            case Member(base=base, is_arrow=is_arrow):
                hops += 1 if is_arrow else 0
                inner = strip_casts(base)
            case Unary(operator="*", operand=operand):
                hops += _hop(operand)
                inner = strip_casts(operand)
            case _:
                return None


def _hop(pointer: Expression) -> int:
    """Return 1 if a pointer is followed, 0 if it is only an array that decays."""
    decays = isinstance(pointer, Cast) and pointer.operand.type.kind is TypeKind.ARRAY
    return 0 if decays else 1
