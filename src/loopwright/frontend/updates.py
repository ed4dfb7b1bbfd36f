"""Recognizes statements of the form ``x = x op e``: what a reduction is made of."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.nest import ReductionOperator
from loopwright.frontend.effects import EffectsFinder
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Expression,
    ExpressionStmt,
    FunctionName,
    IfStmt,
    Increment,
    Integer,
    Member,
    Name,
    Stmt,
    Subscript,
    Unary,
)
from loopwright.frontend.tree import strip_casts, walk_expression
from loopwright.frontend.types import CType, TypeKind
from loopwright.frontend.values import single_result

_COMPOUND = {
    "+": ReductionOperator.ADD,
    "-": ReductionOperator.ADD,
    "*": ReductionOperator.MULTIPLY,
    "&": ReductionOperator.AND,
    "|": ReductionOperator.OR,
    "^": ReductionOperator.XOR,
    "&&": ReductionOperator.LOGICAL_AND,
    "||": ReductionOperator.LOGICAL_OR,
}
_ARITHMETIC = frozenset({ReductionOperator.ADD, ReductionOperator.MULTIPLY})
_MODULAR = frozenset(
    {*_ARITHMETIC, ReductionOperator.AND, ReductionOperator.OR, ReductionOperator.XOR},
)
_EXTREMES = {
    "fmax": ReductionOperator.MAX,
    "fmin": ReductionOperator.MIN,
    "std::max": ReductionOperator.MAX,
    "std::min": ReductionOperator.MIN,
}


@dataclass(frozen=True, slots=True)
class FoundUpdate:
    """An update.

    Attributes:
        target: ``x``.
        operator: ``op``.
        operands: What is combined into it.
        conditions: Comparisons that read ``x`` as part of the update.
        is_expression_statement: ``omp atomic`` may stand before the statement.
    """

    target: Expression
    operator: ReductionOperator
    operands: tuple[Expression, ...]
    is_expression_statement: bool


def find_update(statement: Stmt) -> FoundUpdate | None:
    """Return the update that a statement makes, or None. Whether ``e`` reads ``x`` is for the caller to see."""
    if isinstance(statement, IfStmt):
        return _guarded_extreme(statement)
    if not isinstance(statement, ExpressionStmt):
        return None
    expression = statement.expression
    while isinstance(expression, Cast) and expression.type.kind is TypeKind.VOID:
        expression = expression.operand
    if isinstance(expression, Increment):
        found = FoundUpdate(expression.operand, ReductionOperator.ADD, (), True)
    elif isinstance(expression, Assignment) and expression.operator:
        operator = _COMPOUND.get(expression.operator)
        found = FoundUpdate(expression.left, operator, (expression.right,), True) if operator else None
    elif isinstance(expression, Assignment):
        found = _assigned(expression)
    else:
        return None
    return found if found is not None and _is_sound(found) else None


def _assigned(expression: Assignment) -> FoundUpdate | None:
    target, right = expression.left, _as_assigned(expression.right, expression.left.type)
    match right:
        case Binary(operator=operator) if operator in _COMPOUND:
            return _combined(target, right, _COMPOUND[operator])
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return _chosen(target, condition, then, otherwise)
        case Call(name=name, arguments=(first, second)):
            operator = _EXTREMES.get(name) or _EXTREMES.get(name[:-1] if name[-1:] in ("f", "l") else "")
            if operator is None or right.is_defined_by_user:
                return None
            for mine, other in ((first, second), (second, first)):
                if _is_running_value(mine, target, operator):
                    return FoundUpdate(target, operator, (other,), False)
            return None
        case _:
            return None


def _combined(target: Expression, right: Binary, operator: ReductionOperator) -> FoundUpdate | None:
    terms = _terms(right, operator, target.type, True)
    mine = [positive for term, positive in terms if _is_running_value(term, target, operator)]
    if mine != [True]:
        return None
    others = tuple(term for term, _ in terms if not _is_running_value(term, target, operator))
    if operator in (ReductionOperator.LOGICAL_AND, ReductionOperator.LOGICAL_OR):
        # What stands behind x is not evaluated once x has decided; each thread would evaluate it all the same.
        first = next(place for place, (term, _) in enumerate(terms) if _is_running_value(term, target, operator))
        if any(_may_fail(term) for term, _ in terms[first:]):
            return None
    is_simple = len(terms) == 2 and operator not in (ReductionOperator.LOGICAL_AND, ReductionOperator.LOGICAL_OR)
    return FoundUpdate(target, operator, others, is_simple)


def _terms(
    expression: Expression, operator: ReductionOperator, target: CType, positive: bool
) -> list[tuple[Expression, bool]]:
    """Return the operands of a chain of one operator, with the sign that sums give them."""
    plain = _without_kept(expression, operator, target)
    if not isinstance(plain, Binary) or _COMPOUND.get(plain.operator) is not operator:
        return [(expression, positive)]
    sign = positive if plain.operator != "-" else not positive
    return [*_terms(plain.left, operator, target, positive), *_terms(plain.right, operator, target, sign)]


def _as_assigned(expression: Expression, target: CType) -> Expression:
    """Strip the conversion to the type that is assigned to; any other is part of the computation."""
    while isinstance(expression, Cast) and _have_one_form(expression.type, target):
        expression = expression.operand
    return expression


def _have_one_form(first: CType, second: CType) -> bool:
    return (first.kind, first.size_bytes, first.is_signed) == (second.kind, second.size_bytes, second.is_signed)


def _is_running_value(expression: Expression, target: Expression, operator: ReductionOperator) -> bool:
    """Return True if the expression is ``x`` with nothing of its value lost on the way into the operator."""
    plain = _without_kept(expression, operator, target.type)
    return not isinstance(plain, Cast) and is_same(plain, target)


def _without_kept(expression: Expression, operator: ReductionOperator, target: CType) -> Expression:
    while isinstance(expression, Cast) and _keeps(expression.operand.type, expression.type, operator, target):
        expression = expression.operand
    return expression


def _keeps(source: CType, to: CType, operator: ReductionOperator, target: CType) -> bool:
    """Return True if a conversion within the update keeps all that counts of the running value.

    Sums, products and bit operations on integers are exact modulo the target's size, so the low bits must stay. What
    else counts is the value itself, or whether it is 0.
    """
    if operator in (ReductionOperator.LOGICAL_AND, ReductionOperator.LOGICAL_OR) and to.kind is TypeKind.BOOL:
        return True
    if target.kind is TypeKind.FLOAT:
        return all(each.kind is TypeKind.FLOAT and each.size_bytes >= target.size_bytes for each in (source, to))
    if operator in _MODULAR and target.kind is TypeKind.INTEGER:
        return all(each.kind is TypeKind.INTEGER and each.size_bytes >= target.size_bytes for each in (source, to))
    return _is_lossless(source, to)


def _is_lossless(source: CType, to: CType) -> bool:
    """Return True if every value of ``source`` is one of ``to``."""
    if source.is_integer and to.is_integer:
        (least, greatest), (to_least, to_greatest) = source.value_range, to.value_range
        return to_least <= least and greatest <= to_greatest
    if TypeKind.FLOAT in (source.kind, to.kind):
        return source.kind is to.kind and source.size_bytes <= to.size_bytes
    return not source.is_integer and not to.is_integer


def _without_lossless(expression: Expression) -> Expression:
    while isinstance(expression, Cast) and _is_lossless(expression.operand.type, expression.type):
        expression = expression.operand
    return expression


def _chosen(target: Expression, condition: Expression, then: Expression, otherwise: Expression) -> FoundUpdate | None:
    """Match ``x > e ? x : e`` in all its spellings."""
    if is_same(otherwise, target):
        return _extreme(target, condition, then, when_true=True)
    if is_same(then, target):
        return _extreme(target, condition, otherwise, when_true=False)
    return None


def _guarded_extreme(statement: IfStmt) -> FoundUpdate | None:
    """Match ``if (e > x) x = e;``."""
    body = statement.then
    while isinstance(body, Block) and len(body.body) == 1:
        body = body.body[0]
    if statement.otherwise is not None or not isinstance(body, ExpressionStmt):
        return None
    expression = body.expression
    if not isinstance(expression, Assignment) or expression.operator:
        return None
    found = _extreme(expression.left, statement.condition, expression.right, when_true=True)
    return found if found is not None and _is_sound(found) else None


def _extreme(target: Expression, condition: Expression, operand: Expression, *, when_true: bool) -> FoundUpdate | None:
    """Return the update if ``target`` becomes ``operand`` where the condition has the value ``when_true``."""
    plain = strip_casts(condition)
    if not isinstance(plain, Binary) or plain.operator not in ("<", "<=", ">", ">="):
        return None
    if target.type.kind is TypeKind.FLOAT:
        # Rounding is monotone, so the largest value rounded is the largest rounded value.
        operand = _as_assigned(operand, target.type)
    if is_same(plain.left, operand) and is_same(plain.right, target):
        is_greater = plain.operator in (">", ">=")
    elif is_same(plain.left, target) and is_same(plain.right, operand):
        is_greater = plain.operator in ("<", "<=")
    else:
        return None
    if not _compares_as(plain.left.type, target.type):
        return None
    operator = ReductionOperator.MAX if is_greater == when_true else ReductionOperator.MIN
    return FoundUpdate(target, operator, (operand,), False)


def _compares_as(compared: CType, target: CType) -> bool:
    """Return True if a comparison in type ``compared`` orders values of ``target`` as ``target`` does."""
    if not target.is_integer or not compared.is_integer:
        return target.kind is TypeKind.FLOAT
    return compared.is_signed == target.is_signed or compared.size_bytes > target.size_bytes


def _is_sound(found: FoundUpdate) -> bool:
    """Return True if the types keep ``op`` associative from one iteration to the next."""
    target = found.target.type
    operands = [strip_casts(operand).type for operand in found.operands]
    if any(_has_effect(operand) for operand in found.operands):
        return False
    operator = found.operator
    if target.kind is TypeKind.FLOAT:
        return operator in (*_ARITHMETIC, ReductionOperator.MIN, ReductionOperator.MAX)
    if not target.is_integer:
        return False
    if operator in (ReductionOperator.LOGICAL_AND, ReductionOperator.LOGICAL_OR):
        return True
    if any(not _is_integer_throughout(operand) for operand in found.operands):
        return False
    if target.kind is TypeKind.BOOL:
        return operator in (ReductionOperator.OR, ReductionOperator.AND) and all(
            operand.kind is TypeKind.BOOL or _is_truth(each)
            for operand, each in zip(operands, found.operands, strict=True)
        )
    if operator in (ReductionOperator.MIN, ReductionOperator.MAX):
        least, greatest = target.value_range
        return all(least <= kind.value_range[0] and kind.value_range[1] <= greatest for kind in operands)
    return True


def _is_truth(expression: Expression) -> bool:
    plain = strip_casts(expression)
    return isinstance(plain, Binary) and plain.operator in ("<", "<=", ">", ">=", "==", "!=", "&&", "||")


def _is_integer_throughout(expression: Expression) -> bool:
    """Return True if no conversion from a floating value is at the top of the operand."""
    while isinstance(expression, Cast):
        if not expression.type.is_integer:
            return False
        if not expression.operand.type.is_integer and expression.type.is_integer:
            return False
        expression = expression.operand
    return expression.type.is_integer


def _may_fail(expression: Expression) -> bool:
    """Return True if the value might not exist: a division, a read of memory, a call."""
    return any(
        isinstance(part, Subscript | Member | Call)
        or (isinstance(part, Unary) and part.operator == "*")
        or (isinstance(part, Binary) and part.operator in ("/", "%"))
        for part in walk_expression(expression)
    )


def _has_effect(expression: Expression) -> bool:
    return any(isinstance(part, Assignment | Increment) for part in walk_expression(expression))


def is_same(first: Expression, second: Expression) -> bool:
    """Return True if two expressions are written alike, conversions that keep every value aside."""
    first, second = _without_lossless(first), _without_lossless(second)
    match first, second:
        case Cast(operand=left), Cast(operand=right):
            return _have_one_form(first.type, second.type) and is_same(left, right)
        case Integer(value=left), Integer(value=right):
            return left == right
        case Name(declaration=left), Name(declaration=right):
            return left is right
        case Member(base=left, name=name, is_arrow=arrow), Member(base=right, name=other, is_arrow=other_arrow):
            return name == other and arrow == other_arrow and is_same(left, right)
        case Subscript(base=left, index=place), Subscript(base=right, index=other_place):
            return is_same(left, right) and is_same(place, other_place)
        case Unary(operator=operator, operand=left), Unary(operator=other, operand=right):
            return operator == other and is_same(left, right)
        case Binary(operator=operator), Binary(operator=other):
            return operator == other and is_same(first.left, second.left) and is_same(first.right, second.right)
        case Call(name=name, arguments=left), Call(name=other, arguments=right):
            alike = name == other and len(left) == len(right) and first.target == second.target
            return alike and all(is_same(one, two) for one, two in zip(left, right, strict=True))
        case FunctionName(key=left), FunctionName(key=right):
            return left == right
        case _:
            return False


def has_simple_calls(expression: Expression, finder: EffectsFinder) -> bool:
    """Return True if every call in the expression is to a pure function or a one-line helper."""
    for part in walk_expression(expression):
        if not isinstance(part, Call) or finder.is_pure(part):
            continue
        callee = finder.function(part.target) if part.target is not None else None
        if callee is None or single_result(callee) is None:
            return False
    return True
