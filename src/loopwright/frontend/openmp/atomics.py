"""Which memory an ``atomic`` construct touches atomically."""

from __future__ import annotations

from loopwright.frontend.openmp.directives import Directive
from loopwright.frontend.syntax import (
    Assignment,
    Block,
    Cast,
    Conditional,
    Expression,
    ExpressionStmt,
    IfStmt,
    Increment,
    Stmt,
)
from loopwright.frontend.tree import strip_casts
from loopwright.frontend.types import TypeKind


def atomic_target(directive: Directive, body: tuple[Stmt, ...]) -> Expression | None:
    """Return the lvalue ``x`` of an atomic construct (OpenMP 5.2, 15.8.4); None if it is not found."""
    statements = _flat(body)
    if not statements:
        return None
    if directive.has("read"):
        first = _expression(statements[0])
        return strip_casts(first.right) if isinstance(first, Assignment) else None
    if directive.has("capture") and len(statements) == 1:
        first = _expression(statements[0])
        inner = strip_casts(first.right) if isinstance(first, Assignment) else None
        return _changed(inner)
    if directive.has("capture"):
        return _captured(statements)
    first = statements[0]
    if isinstance(first, IfStmt):
        inner = _flat((first.then,))
        return _changed(_expression(inner[0])) if inner else None
    return _changed(_expression(first))


def _captured(statements: list[Stmt]) -> Expression | None:
    """Return ``x`` of ``{ v = x; x op= e; }`` or ``{ x op= e; v = x; }``."""
    expressions = [_expression(statement) for statement in statements]
    for expression in expressions:
        is_plain = isinstance(expression, Assignment) and not expression.operator
        if expression is not None and not is_plain:
            return _changed(expression)
    last = expressions[-1]
    first = expressions[0]
    if not isinstance(first, Assignment) or not isinstance(last, Assignment):
        return None
    # v = x; x = expression    or    x = expression; v = x
    for read, write in ((first, last), (last, first)):
        if _same(strip_casts(read.right), write.left):
            return write.left
    return None


def _same(one: Expression, other: Expression) -> bool:
    match one, other:
        case Cast(operand=left), Cast(operand=right):
            return _same(left, right)
        case _:
            pass
    name = getattr(one, "declaration", None)
    if name is not None:
        return name is getattr(other, "declaration", None)
    if type(one) is not type(other):
        return False
    parts = [(getattr(one, field, None), getattr(other, field, None)) for field in ("base", "index", "operand")]
    values = getattr(one, "value", None) == getattr(other, "value", None)
    names = getattr(one, "name", None) == getattr(other, "name", None)
    return (
        values
        and names
        and all(
            left is None or (isinstance(left, Expression) and isinstance(right, Expression) and _same(left, right))
            for left, right in parts
        )
    )


def _changed(expression: Expression | None) -> Expression | None:
    inner = strip_casts(expression) if expression is not None else None
    while isinstance(inner, Cast) and inner.type.kind is TypeKind.VOID:
        inner = inner.operand
    if isinstance(inner, Assignment):
        return inner.left
    if isinstance(inner, Increment):
        return inner.operand
    if isinstance(inner, Conditional):
        return None
    return None


def _expression(statement: Stmt) -> Expression | None:
    return strip_casts(statement.expression) if isinstance(statement, ExpressionStmt) else None


def _flat(body: tuple[Stmt, ...]) -> list[Stmt]:
    found: list[Stmt] = []
    for part in body:
        found += _flat(part.body) if isinstance(part, Block) else [part]
    return found
