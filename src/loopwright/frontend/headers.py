"""The text of loop headers: what a ``for`` says it counts, and how a loop may be left."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Poly
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    BreakStmt,
    Cast,
    Declaration,
    DeclareStmt,
    Expression,
    ExpressionStmt,
    ForStmt,
    Increment,
    Integer,
    Loop,
    Name,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    WhileStmt,
)
from loopwright.frontend.tree import own_expressions, strip_casts, sub_statements, walk_expression
from loopwright.frontend.types import TypeKind


@dataclass(frozen=True, slots=True)
class Header:
    """The parts of a ``for`` that counts: what the C text says, before any value is known.

    ``step`` is None where ``step_expression`` is not a number; ``is_plain`` is False where OpenMP would not take it.
    """

    iterator: Declaration
    declares: bool
    init: Expression
    condition: Expression
    step: int | None
    step_expression: Expression | None
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """A counted loop with its values.

    Attributes:
        value: The iterator in terms of the dimension.
        formula: Constraints on the dimension.
        lower, upper: First value, and the bound that the iterator stays strictly below (above, if it descends).
        bound: ``upper`` as a bound of the dimension, for an ascending loop of known step.
        trip_count: Number of iterations over parameters, where it has such a form.
        inexact: Why the formula holds more than the loop's iterations.
        is_canonical: OpenMP takes the header.
    """

    value: Poly
    formula: str
    lower: Poly | None
    upper: Poly | None
    bound: Poly | None
    trip_count: str
    inexact: NotAffine | None
    is_canonical: bool


def read_header(statement: ForStmt) -> Header | NotAffine:
    """Return the parts of a ``for`` that may be counted, or why it is not."""
    if statement.condition is None or statement.increment is None:
        return NotAffine(Code.UNCOUNTED_LOOP, "the loop has no condition or no increment")
    found = _initial(statement)
    if found is None:
        return NotAffine(Code.UNCOUNTED_LOOP, "the loop does not set its variable in its header")
    iterator, init = found
    if iterator.type.kind is TypeKind.FLOAT:
        return NotAffine(Code.FLOAT_ITERATOR, f"the loop variable '{iterator.name}' is not an integer")
    if iterator.type.kind is not TypeKind.INTEGER:
        return NotAffine(Code.UNCOUNTED_LOOP, f"the loop variable '{iterator.name}' is not an integer")
    step = _step(statement.increment, iterator)
    if step is None:
        reason = f"the loop does not change '{iterator.name}' by a fixed step"
        return NotAffine(Code.UNCOUNTED_LOOP, reason)
    number, expression = step
    if number == 0:
        return NotAffine(Code.UNCOUNTED_LOOP, "the loop's step is zero")
    declares = isinstance(statement.init, DeclareStmt)
    return Header(iterator, declares, init, statement.condition, number, expression, True)


def _initial(statement: ForStmt) -> tuple[Declaration, Expression] | None:
    match statement.init:
        case DeclareStmt(declarations=(declaration,)) if declaration.initializer is not None:
            initializer = declaration.initializer
            return declaration, Cast(declaration.type, initializer.extent, initializer)
        case ExpressionStmt(expression=Assignment(operator="", left=Name() as left, right=right)):
            return left.declaration, right
        case _:
            return None


def _step(increment: Expression, iterator: Declaration) -> tuple[int | None, Expression | None] | None:
    match increment:
        case Increment(operand=Name(declaration=declaration), by=by) if declaration is iterator:
            return by, None
        case Assignment(operator="+" | "-" as operator, left=Name(declaration=declaration), right=right):
            return _signed(operator, right) if declaration is iterator else None
        case Assignment(operator="", left=Name(declaration=declaration), right=right) if declaration is iterator:
            inner = strip_casts(right)
            if not isinstance(inner, Binary) or inner.operator not in ("+", "-"):
                return None
            if is_name(inner.left, iterator):
                return _signed(inner.operator, inner.right)
            if inner.operator == "+" and is_name(inner.right, iterator):
                return _signed("+", inner.left)
            return None
        case _:
            return None


def _signed(operator: str, step: Expression) -> tuple[int | None, Expression | None] | None:
    plain = strip_casts(step)
    if isinstance(plain, Integer):
        return (plain.value if operator == "+" else -plain.value), None
    return (None, step) if operator == "+" else None


def is_name(expression: Expression, declaration: Declaration) -> bool:
    """Return True if the expression is just the variable, converted or not."""
    plain = strip_casts(expression)
    return isinstance(plain, Name) and plain.declaration is declaration


def has_exit(loop: Loop) -> bool:
    """Return True if ``break`` or ``return`` may leave the loop."""

    def leaves(statement: Stmt, is_breakable: bool) -> bool:
        if isinstance(statement, ReturnStmt):
            return True
        if isinstance(statement, BreakStmt):
            return is_breakable
        is_inner = isinstance(statement, ForStmt | WhileStmt | SwitchStmt)
        return any(leaves(part, is_breakable and not is_inner) for part in sub_statements(statement))

    return leaves(loop.body, True)


def exit_doubt(loop: Loop) -> NotAffine | None:
    """Return why the iterations of a loop are not known exactly if it may be left early."""
    return NotAffine(Code.EARLY_EXIT, "the loop may end early") if has_exit(loop) else None


def assigned_names(statement: Stmt) -> list[str]:
    """Return the names of the variables that a loop's first part sets."""
    if isinstance(statement, DeclareStmt):
        return [declaration.name for declaration in statement.declarations]
    expressions = own_expressions(statement)
    return [
        part.left.declaration.name
        for expression in expressions
        for part in walk_expression(expression)
        if isinstance(part, Assignment) and isinstance(part.left, Name)
    ]
