"""Conditions in the symbolic run: when they hold, and what is in doubt."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.frontend.affine import Value, conjunction, negation
from loopwright.frontend.openmp.lvalues import Lvalues
from loopwright.frontend.openmp.machine import Truth
from loopwright.frontend.openmp.memory import (
    VARYING,
    Abstract,
    Doubt,
    MemoryObject,
    Opaque,
    Pointer,
)
from loopwright.frontend.syntax import (
    Binary,
    Cast,
    Expression,
    Unary,
)
from loopwright.frontend.types import TypeKind

_ZERO = Value.of(0)
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


class Conditions(Lvalues):
    """Evaluates conditions."""

    def branch(self, formula: str, doubt: Doubt | None) -> AbstractContextManager[None]:
        """Evaluate under a condition."""
        if self.recorder is not None:
            return self.recorder.branch(formula, doubt)
        return self.facts.under(formula)

    def truth(self, expression: Expression) -> Truth:
        """Return when a condition is true, evaluating it once."""
        match expression:
            case Binary(operator="&&", left=left, right=right):
                one = self.truth(left)
                if one.when_true == "false" and one.doubt is None:
                    return one
                with self.branch(one.when_true, one.doubt):
                    other = self.truth(right)
                return _both(one, other)
            case Binary(operator="||", left=left, right=right):
                one = self.truth(left)
                if one.when_false == "false" and one.doubt is None:
                    return one
                with self.branch(one.when_false, one.doubt):
                    other = self.truth(right)
                return _opposite(_both(_opposite(one), _opposite(other)))
            case Unary(operator="!", operand=operand):
                return _opposite(self.truth(operand))
            case Binary(operator=operator, left=left, right=right) if operator in COMPARISONS:
                return self._compared(operator, self.evaluate(left), self.evaluate(right))
            case Cast(operand=operand) if _keeps_truth(expression):
                return self.truth(operand)
            case _:
                return self._compared("!=", self.evaluate(expression), _ZERO)

    def _compared(self, operator: str, left: Abstract, right: Abstract) -> Truth:
        if isinstance(left, Value) and isinstance(right, Value):
            formula = self.numbers.compare(operator, left, right)
            if formula is not None:
                return self._certain(formula)
        objects = [value.objects for value in (left, right) if isinstance(value, Opaque)]
        if self.varies(left, right):
            objects.append(VARYING.objects)
        code = next((value.code for value in (left, right) if isinstance(value, Opaque)), Code.NON_AFFINE_CONDITION)
        code = Code.NON_AFFINE_CONDITION if code in (Code.NON_AFFINE_SUBSCRIPT, Code.INDIRECT_SUBSCRIPT) else code
        doubt = Doubt(code, "whether the condition holds is not known", frozenset[MemoryObject]().union(*objects))
        return Truth("", "", doubt)

    def varies(self, *values: Abstract) -> bool:
        """Return True if values hang on the number of a thread or an iteration."""
        symbols = [symbol for value in values if isinstance(value, Value) for symbol in value.symbols]
        pointers = sum(isinstance(value, Pointer) for value in values)
        return pointers > 1 or any(not self.facts.is_parameter(symbol) for symbol in symbols)

    def _certain(self, formula: str) -> Truth:
        if formula in ("true", "false"):
            return Truth(formula, "false" if formula == "true" else "true")
        if self.facts.is_impossible(formula):
            return Truth("false", "true")
        if self.facts.is_impossible(negation(formula)):
            return Truth("true", "false")
        return Truth(formula, negation(formula))


def _keeps_truth(cast: Cast) -> bool:
    if cast.type.kind is TypeKind.BOOL:
        return True
    return (
        cast.type.is_integer and cast.operand.type.is_integer and cast.type.size_bytes >= cast.operand.type.size_bytes
    )


def _opposite(truth: Truth) -> Truth:
    return Truth(truth.when_false, truth.when_true, truth.doubt)


def _both(one: Truth, other: Truth) -> Truth:
    if one.doubt is None and other.doubt is None:
        formula = conjunction(*(each for each in (one.when_true, other.when_true) if each != "true")) or "true"
        if "false" in (one.when_true, other.when_true):
            return Truth("false", "true")
        return Truth(formula, negation(formula) if formula != "true" else "false")
    if "false" in (one.when_true, other.when_true):
        return Truth("false", "true")
    doubts = [each for each in (one.doubt, other.doubt) if each is not None]
    objects = frozenset[MemoryObject]().union(*(each.objects for each in doubts))
    kept = [each for each in (one.when_true, other.when_true) if each != "true"]
    return Truth(conjunction(*kept), "", replace(doubts[0], objects=objects))
