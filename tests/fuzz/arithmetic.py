"""C's operators on typed numbers: conversions, overflow, truncating division."""

from __future__ import annotations

from collections.abc import Callable

from fuzz.memory import Undefined, field_value
from fuzz.program import INT, CType, joined, promoted

Operation = Callable[[int, int], int]

COMPARISONS: dict[str, Operation] = {
    "<": lambda x, y: int(x < y),
    "<=": lambda x, y: int(x <= y),
    ">": lambda x, y: int(x > y),
    ">=": lambda x, y: int(x >= y),
    "==": lambda x, y: int(x == y),
    "!=": lambda x, y: int(x != y),
}


def convert(value: int, source: CType, to: CType) -> int:
    """Return ``value`` as ``to`` holds it."""
    if to.is_float:
        return value if source.is_float else field_value(value)
    if to.least <= value <= to.greatest:
        return value
    if source.is_float:
        raise Undefined("a number does not fit the integer type that it is converted to")
    return (value - to.least) % (1 << (8 * to.size)) + to.least


def converter(source: CType, to: CType) -> Callable[[int], int] | None:
    """Return the conversion as a function; None if it changes nothing."""
    if to.is_float:
        return None if source.is_float or source.size < 8 else field_value
    if not source.is_float and to.least <= source.least and source.greatest <= to.greatest:
        return None
    return lambda value: convert(value, source, to)


def operation(operator: str, left: CType, right: CType) -> tuple[CType, CType, Operation]:
    """Return the operands' common type, the result's type and the function that computes it.

    For shifts the right operand keeps its own type, and its value stays as it is.
    """
    if operator in ("<<", ">>"):
        type_ = promoted(left)
        return type_, type_, _shift(operator, type_)
    type_ = joined(left, right)
    if operator in COMPARISONS:
        return type_, INT, COMPARISONS[operator]
    if type_.is_float:
        return type_, type_, _FIELD[operator]
    if operator in ("/", "%"):
        return type_, type_, _divided(operator, type_)
    plain = _WHOLE[operator]
    if operator in ("&", "|", "^"):
        return type_, type_, plain
    return type_, type_, _bounded(plain, type_)


_WHOLE: dict[str, Operation] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "&": lambda x, y: x & y,
    "|": lambda x, y: x | y,
    "^": lambda x, y: x ^ y,
}
_FIELD: dict[str, Operation] = {
    "+": lambda x, y: field_value(x + y),
    "-": lambda x, y: field_value(x - y),
    "*": lambda x, y: field_value(x * y),
}


def _bounded(plain: Operation, type_: CType) -> Operation:
    least, greatest = type_.least, type_.greatest
    if not type_.is_signed:
        return lambda x, y: plain(x, y) & greatest

    def signed(x: int, y: int) -> int:
        value = plain(x, y)
        if least <= value <= greatest:
            return value
        raise Undefined("signed arithmetic overflows")

    return signed


def _divided(operator: str, type_: CType) -> Operation:
    def divide(x: int, y: int) -> int:
        if not y:
            raise Undefined("a division by zero")
        quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        if quotient > type_.greatest:
            raise Undefined("signed arithmetic overflows")
        return quotient if operator == "/" else x - quotient * y

    return divide


def _shift(operator: str, type_: CType) -> Operation:
    def shift(x: int, y: int) -> int:
        if not 0 <= y < 8 * type_.size or (x < 0 and operator == "<<"):
            raise Undefined("a shift by more bits than there are")
        if operator == ">>":
            return x >> y
        if type_.is_signed and x << y > type_.greatest:
            raise Undefined("signed arithmetic overflows")
        return (x << y) & ((1 << 8 * type_.size) - 1)

    return shift
