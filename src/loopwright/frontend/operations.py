"""Floating-point operations, as the source has them: what ``Statement.operations`` counts."""

from __future__ import annotations

from loopwright.frontend.syntax import Assignment, Binary, Call, Constant, Expression, Increment, Integer
from loopwright.frontend.tree import strip_casts
from loopwright.frontend.types import CType, TypeKind

_ARITHMETIC = frozenset({"+", "-", "*", "/"})
# These choose, or change a sign: the processor's arithmetic units have no part in it.
_FREE = frozenset({"fabs", "abs", "fmax", "max", "fmin", "min", "copysign", "expect"})


def own_operations(expression: Expression) -> int:
    """Return the operations of the expression's own operator, without those of its operands; calls are not counted.

    An operator between two constants is the compiler's work.
    """
    match expression:
        case Binary(operator=operator, left=left, right=right):
            is_folded = all(isinstance(strip_casts(each), Constant | Integer) for each in (left, right))
            return int(_is_float(expression.type) and operator in _ARITHMETIC and not is_folded)
        case Assignment(operator=operator, left=left, right=right):
            return int(operator in _ARITHMETIC and (_is_float(left.type) or _is_float(right.type)))
        case Increment(operand=operand):
            return int(_is_float(operand.type))
        case _:
            return 0


def pure_call_operations(call: Call) -> int:
    """Return the operations of a call to a function of its arguments alone: 1 for ``sqrt`` and ``exp`` alike."""
    name = call.name.removeprefix("__builtin_").removeprefix("std::")
    is_free = name in _FREE or (name[-1:] in ("f", "l") and name[:-1] in _FREE)
    return int(_is_float(call.type) and not is_free)


def _is_float(type_: CType) -> bool:
    return type_.kind is TypeKind.FLOAT
