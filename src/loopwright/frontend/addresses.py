"""Which variables have their address taken, so that a pointer may reach them."""

from __future__ import annotations

from collections.abc import Callable

from loopwright.frontend.library import is_pure_library_call
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Call,
    Cast,
    Constant,
    Declaration,
    DeclareStmt,
    Expression,
    FunctionName,
    FunctionSyntax,
    Increment,
    Integer,
    Member,
    Name,
    Subscript,
    Unary,
    UnknownExpression,
)
from loopwright.frontend.tree import own_expressions, strip_casts, sub_expressions, walk_statements
from loopwright.frontend.types import TypeKind

_LEAVES = (Name, Integer, Constant, FunctionName)


class AddressFinder:
    """Collects the variables whose address some function takes.

    Attributes:
        address_taken: Keys of those found so far.
    """

    def __init__(self, function: Callable[[int], FunctionSyntax | None], *, is_cxx: bool) -> None:
        self._function = function
        self._is_cxx = is_cxx
        self.address_taken: set[int] = set()
        self._scanned: set[int] = set()

    def scan(self, function: FunctionSyntax) -> None:
        """Note the variables whose address ``function`` takes: with ``&``, as an array handed on, by a reference."""
        if function.key in self._scanned:
            return
        self._scanned.add(function.key)
        for statement in walk_statements(function.body):
            if isinstance(statement, DeclareStmt):
                for declaration in statement.declarations:
                    if declaration.type.kind is TypeKind.REFERENCE and declaration.initializer is not None:
                        self._take_address(declaration.initializer)
            for expression in own_expressions(statement):
                self._scan_expression(expression, is_followed=False)

    def _scan_expression(self, expression: Expression, *, is_followed: bool) -> None:
        """Look for addresses that are taken in an expression; ``is_followed`` if it is a pointer followed at once."""
        if isinstance(expression, _LEAVES):
            return
        match expression:
            case Unary(operator="&", operand=operand):
                self._take_address(operand)
                self._scan_expression(operand, is_followed=True)
            case Unary(operator="*", operand=operand):
                self._scan_expression(operand, is_followed=True)
            case Subscript(base=base, index=index):
                self._scan_expression(base, is_followed=True)
                self._scan_expression(index, is_followed=False)
            case Cast(operand=operand):
                is_array = operand.type.kind is TypeKind.ARRAY
                if is_array and not is_followed:
                    self._take_address(operand)
                self._scan_expression(operand, is_followed=is_array or is_followed)
            case Binary(operator="+" | "-", left=left, right=right) if expression.type.kind is TypeKind.POINTER:
                self._scan_expression(left, is_followed=is_followed)
                self._scan_expression(right, is_followed=is_followed)
            case Call():
                self._scan_call(expression)
            case UnknownExpression(parts=parts):
                for part in parts:
                    self._take_address(part)
                    self._scan_expression(part, is_followed=False)
            case _:
                for part in sub_expressions(expression):
                    self._scan_expression(part, is_followed=isinstance(expression, Member))

    def _scan_call(self, call: Call) -> None:
        callee = self._function(call.target) if call.target is not None else None
        if callee is not None:
            self.scan(callee)
        for part in (*call.arguments, *((call.receiver,) if call.receiver is not None else ())):
            self._scan_expression(part, is_followed=False)
        if is_pure_library_call(call) or not self._is_cxx:
            return
        # Any argument may be bound to a reference, and a method sees its object's address.
        for part in (*call.arguments, *((call.receiver,) if call.receiver is not None else ())):
            self._take_address(part)

    def _take_address(self, expression: Expression) -> None:
        """Note the variables of which ``expression``, whose address is kept, may be a part."""
        match expression:
            case Name(declaration=declaration):
                self.address_taken.add(declaration.key)
            case Member(is_arrow=False, base=base) | Cast(operand=base):
                self._take_address(base)
            case Subscript(base=base) if (array := strip_array(base)) is not None:
                self._take_address(array)
            case Member(base=base) | Subscript(base=base) | Unary(operator="*", operand=base):
                # The address of what a pointer leads to is made from the pointer.
                self._scan_expression(base, is_followed=False)
            case Assignment(left=target) | Increment(operand=target):
                self._take_address(target)
            case _:
                for part in sub_expressions(expression):
                    self._take_address(part)


def named_root(target: Expression) -> Declaration | None:
    """Return the array or record variable of which ``target`` is a part; None if a pointer leads to it."""
    target = strip_casts(target)
    while True:
        if (isinstance(target, Subscript) and strip_array(target.base) is not None) or (
            isinstance(target, Member) and not target.is_arrow
        ):
            target = strip_casts(target.base)
        elif isinstance(target, Name):
            return target.declaration if target.declaration.type.kind is not TypeKind.REFERENCE else None
        else:
            return None


def strip_array(expression: Expression) -> Expression | None:
    """Return the array lvalue that decays to the pointer ``expression``; None if it is a pointer by itself."""
    inner = strip_casts(expression)
    return inner if inner.type.kind is TypeKind.ARRAY or inner.type.container is not None else None
