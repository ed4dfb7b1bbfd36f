"""Conditions of ``if``, ``?:`` and loops, read in a scope."""

from __future__ import annotations

from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Value, conjunction, disjunction
from loopwright.frontend.conditions import Condition
from loopwright.frontend.syntax import Binary, Call, Cast, Conditional, Expression, Name, Unary
from loopwright.frontend.types import TypeKind
from loopwright.frontend.values import ValueReader

_RELATIONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "!="}


class ConditionReader(ValueReader):
    """Reads conditions."""

    def condition(self, expression: Expression) -> Condition:
        """Return what is known of the instances for which ``expression`` is true."""
        found = self._condition(expression)
        if found.is_exact or not expression.type.is_integer or isinstance(expression, Name):
            return found
        fixed = self.fixed(expression)
        if fixed is None:
            return found
        poly = self.opaque(expression, fixed)
        return Condition.exact(f"{poly} != 0")

    def _condition(self, expression: Expression) -> Condition:
        match expression:
            case Cast(operand=operand) if _keeps_truth(expression):
                return self.condition(operand)
            case Unary(operator="!", operand=operand):
                return self.condition(operand).negated()
            case Binary(operator="&&", left=left, right=right):
                first = self.condition(left)
                with self.scope.under(first.when_true):
                    return first.both(self.condition(right))
            case Binary(operator="||", left=left, right=right):
                first = self.condition(left)
                with self.scope.under(first.when_false):
                    return first.either(self.condition(right))
            case Binary(operator=operator, left=left, right=right) if operator in _RELATIONS:
                return self._comparison(operator, left, right)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                choice = self.condition(condition)
                with self.scope.under(choice.when_true):
                    first = self.condition(then)
                with self.scope.under(choice.when_false):
                    second = self.condition(otherwise)
                return choice.both(first).either(choice.negated().both(second))
            case Call(name="__builtin_expect", arguments=arguments) if arguments:
                return self.condition(arguments[0])
            case _:
                return self._nonzero(expression)

    def _nonzero(self, expression: Expression) -> Condition:
        value = self.value(expression)
        if isinstance(value, NotAffine):
            return _unknown(value)
        return self._formula(value, Value.of(0), "!=")

    def _comparison(self, operator: str, left: Expression, right: Expression) -> Condition:
        first = self.value(left)
        if isinstance(first, NotAffine):
            return _unknown(first)
        second = self.value(right)
        if isinstance(second, NotAffine):
            return _unknown(second)
        return self._formula(first, second, _RELATIONS[operator])

    def _formula(self, left: Value, right: Value, relation: str) -> Condition:
        cases: list[str] = []
        for first in left.pieces:
            for second in right.pieces:
                text = self.isl(first.poly - second.poly)
                if text is None:
                    return Condition.unknown(Code.NON_AFFINE_CONDITION, "the condition multiplies values that change")
                cases.append(conjunction(first.formula, second.formula, f"{text} {relation} 0"))
        return Condition.exact(disjunction(*cases))


def _keeps_truth(cast: Cast) -> bool:
    if cast.type.kind is TypeKind.BOOL:
        return True
    return (
        cast.type.is_integer and cast.operand.type.is_integer and cast.type.size_bytes >= cast.operand.type.size_bytes
    )


def _unknown(why: NotAffine) -> Condition:
    if why.code in (Code.NON_AFFINE_SUBSCRIPT, Code.INDIRECT_SUBSCRIPT):
        return Condition.unknown(Code.NON_AFFINE_CONDITION, f"the condition is not affine: {why.reason}")
    return Condition.unknown(why.code, why.reason)
