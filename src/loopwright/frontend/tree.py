"""Ways through the syntax tree: what is inside an expression or statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from loopwright.frontend.syntax import (
    Aggregate,
    Assignment,
    Binary,
    Block,
    Call,
    CaseStmt,
    Cast,
    Conditional,
    Declaration,
    DeclareStmt,
    DirectiveStmt,
    Expression,
    ExpressionStmt,
    ForStmt,
    IfStmt,
    Increment,
    JumpStmt,
    Member,
    ReturnStmt,
    Stmt,
    Subscript,
    SwitchStmt,
    Unary,
    UnknownExpression,
    UnknownStmt,
    WhileStmt,
)


def sub_expressions(expression: Expression) -> tuple[Expression, ...]:
    """Return the direct operands."""
    return _OPERANDS[type(expression)](expression)


def sub_statements(statement: Stmt) -> tuple[Stmt, ...]:
    """Return the statements directly inside."""
    return _INNER[type(statement)](statement)


def own_expressions(statement: Stmt) -> tuple[Expression, ...]:
    """Return the expressions that belong to the statement itself."""
    return _OWN[type(statement)](statement)


def _present(*parts: Expression | None) -> tuple[Expression, ...]:
    return tuple(part for part in parts if part is not None)


def _declared_values(statement: DeclareStmt) -> tuple[Expression, ...]:
    sizes = [size for declaration in statement.declarations for size in declaration.sizes]
    return (*sizes, *_present(*(each.initializer for each in statement.declarations)))


_Part = TypeVar("_Part", Expression, Stmt)


class _ByClass(dict[type[Any], Callable[[Any], tuple[_Part, ...]]], Generic[_Part]):
    """What finds the parts of a node, by the node's class; a class that is not listed has its base's, or no parts."""

    def __missing__(self, kind: type[Any]) -> Callable[[Any], tuple[_Part, ...]]:
        found = next((self[base] for base in kind.__mro__[1:] if base in self), _no_parts)
        self[kind] = found
        return found


def _no_parts(_: object) -> tuple[()]:
    return ()


# By class and not by ``match``: these are asked for every node of every tree, again and again.
_OPERANDS = _ByClass[Expression](
    {
        Member: lambda each: (each.base,),
        Subscript: lambda each: (each.base, each.index),
        Unary: lambda each: (each.operand,),
        Increment: lambda each: (each.operand,),
        Cast: lambda each: (each.operand,),
        Binary: lambda each: (each.left, each.right),
        Assignment: lambda each: (each.left, each.right),
        Conditional: lambda each: (each.condition, each.then, each.otherwise),
        Call: lambda each: each.arguments if each.receiver is None else (each.receiver, *each.arguments),
        Aggregate: lambda each: each.items,
        UnknownExpression: lambda each: each.parts,
    }
)
_INNER = _ByClass[Stmt](
    {
        Block: lambda each: each.body,
        DirectiveStmt: lambda each: each.body,
        UnknownStmt: lambda each: each.body,
        IfStmt: lambda each: (each.then,) if each.otherwise is None else (each.then, each.otherwise),
        ForStmt: lambda each: (each.body,) if each.init is None else (each.init, each.body),
        WhileStmt: lambda each: (each.body,),
        SwitchStmt: lambda each: (each.body,),
        CaseStmt: lambda each: (each.body,),
        JumpStmt: lambda each: () if each.body is None else (each.body,),
    }
)
_OWN = _ByClass[Expression](
    {
        DeclareStmt: _declared_values,
        ExpressionStmt: lambda each: (each.expression,),
        IfStmt: lambda each: (each.condition,),
        WhileStmt: lambda each: (each.condition,),
        SwitchStmt: lambda each: (each.condition,),
        ForStmt: lambda each: _present(each.condition, each.increment),
        ReturnStmt: lambda each: _present(each.value),
        UnknownStmt: lambda each: each.parts,
    }
)


def walk_expression(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it, in textual order."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += _OPERANDS[type(part)](part)[::-1]


def walk_statements(statement: Stmt) -> Iterator[Stmt]:
    """Yield the statement and everything inside it, in textual order."""
    waiting = [statement]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += _INNER[type(part)](part)[::-1]


def all_expressions(statement: Stmt) -> Iterator[Expression]:
    """Yield every expression inside ``statement``, at every depth."""
    for part in walk_statements(statement):
        for expression in own_expressions(part):
            yield from walk_expression(expression)


def declared_inside(statement: Stmt) -> Iterator[Declaration]:
    """Yield the variables that are declared in ``statement``, at every depth."""
    for part in walk_statements(statement):
        if isinstance(part, DeclareStmt):
            yield from part.declarations


def strip_casts(expression: Expression) -> Expression:
    """Return the expression without the conversions around it."""
    while isinstance(expression, Cast):
        expression = expression.operand
    return expression
