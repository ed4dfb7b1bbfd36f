"""Ways through the syntax tree: what is inside an expression or statement."""

from __future__ import annotations

from collections.abc import Iterator

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
    match expression:
        case Member(base=base):
            return (base,)
        case Subscript(base=base, index=index):
            return (base, index)
        case Unary(operand=operand) | Increment(operand=operand) | Cast(operand=operand):
            return (operand,)
        case Binary(left=left, right=right) | Assignment(left=left, right=right):
            return (left, right)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Call(arguments=arguments, receiver=receiver):
            return arguments if receiver is None else (receiver, *arguments)
        case Aggregate(items=items):
            return items
        case UnknownExpression(parts=parts):
            return parts
        case _:
            return ()


def sub_statements(statement: Stmt) -> tuple[Stmt, ...]:
    """Return the statements directly inside."""
    match statement:
        case Block(body=body) | DirectiveStmt(body=body) | UnknownStmt(body=body):
            return body
        case IfStmt(then=then, otherwise=otherwise):
            return (then,) if otherwise is None else (then, otherwise)
        case ForStmt(init=init, body=body):
            return (body,) if init is None else (init, body)
        case WhileStmt(body=body) | SwitchStmt(body=body) | CaseStmt(body=body):
            return (body,)
        case JumpStmt(body=Stmt() as body):
            return (body,)
        case _:
            return ()


def own_expressions(statement: Stmt) -> tuple[Expression, ...]:
    """Return the expressions that belong to the statement itself."""
    match statement:
        case DeclareStmt(declarations=declarations):
            sizes = [size for declaration in declarations for size in declaration.sizes]
            return (*sizes, *(each.initializer for each in declarations if each.initializer is not None))
        case ExpressionStmt(expression=expression):
            return (expression,)
        case IfStmt(condition=condition) | WhileStmt(condition=condition) | SwitchStmt(condition=condition):
            return (condition,)
        case ForStmt(condition=condition, increment=increment):
            return tuple(each for each in (condition, increment) if each is not None)
        case ReturnStmt(value=Expression() as value):
            return (value,)
        case UnknownStmt(parts=parts):
            return parts
        case _:
            return ()


def walk_expression(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it, in textual order."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(sub_expressions(part))


def walk_statements(statement: Stmt) -> Iterator[Stmt]:
    """Yield the statement and everything inside it, in textual order."""
    waiting = [statement]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(sub_statements(part))


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
