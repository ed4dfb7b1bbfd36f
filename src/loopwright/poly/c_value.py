"""Values of C's integer expressions at given values of their names, with C's own types, conversions and limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loopwright.core.variable import ElementKind, ElementType

_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uUlL]*)(?![\w.])"
    r"|(?P<name>[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*)"
    r"|(?P<sign><<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>&|^!~?:()]))"
)
_TYPE_WORDS = frozenset({"signed", "unsigned", "char", "short", "int", "long", "bool", "_Bool"})
_LEVELS = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)
_MOST_TEXT = 500


class UndefinedValue(Exception):  # noqa: N818  # an answer to the caller, not an error
    """C gives the expression no value: a division by zero, a signed overflow."""


class _Unreadable(Exception):  # noqa: N818
    """The text is no such expression."""


Values = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Type:
    size: int
    is_signed: bool
    is_bool: bool = False

    def held(self, value: int) -> int:
        """Return ``value`` converted to this type."""
        if self.is_bool:
            return int(value != 0)
        least = -(1 << (8 * self.size - 1)) if self.is_signed else 0
        return (value - least) % (1 << (8 * self.size)) + least

    def computed(self, value: int) -> int:
        """Return the result of an operation: unsigned ones wrap around, signed ones must not."""
        held = self.held(value)
        if held != value and self.is_signed:
            raise UndefinedValue
        return held


_INT, _LONG, _UNSIGNED, _UNSIGNED_LONG = _Type(4, True), _Type(8, True), _Type(4, False), _Type(8, False)


@dataclass(frozen=True, slots=True)
class _Term:
    type: _Type
    value: Callable[[Values], int]


@dataclass(frozen=True, slots=True)
class CValue:
    """An expression that was read.

    Attributes:
        names: The names in it, as the caller calls them.
        value: Its value; raises ``UndefinedValue`` where C gives it none.
    """

    names: frozenset[str]
    value: Callable[[Values], int]


def read_c_value(text: str, atoms: Mapping[str, tuple[str, ElementType]]) -> CValue | None:
    """Return the expression ``text``; None if it holds anything but integer arithmetic on ``atoms``.

    Args:
        text: C.
        atoms: Spelling (``n``, ``s->n``) -> name in ``value``'s argument, and type.

    Example:
        >>> char = ElementType("unsigned char", ElementKind.UNSIGNED, 1)
        >>> read_c_value("(unsigned char)(k - 1)", {"k": ("k", char)}).value({"k": 0})
        255
    """
    if len(text) > _MOST_TEXT:
        return None
    try:
        reader = _Reader(text, atoms)
        term = reader.whole()
    except (_Unreadable, RecursionError):
        return None
    return CValue(frozenset(reader.used), term.value)


class _Reader:
    def __init__(self, text: str, atoms: Mapping[str, tuple[str, ElementType]]) -> None:
        self._tokens = _tokens(text)
        self._atoms = atoms
        self._at = 0
        self.used: set[str] = set()

    def whole(self) -> _Term:
        term = self._choice()
        if self._at != len(self._tokens):
            raise _Unreadable
        return term

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise _Unreadable
        self._at += 1
        return token

    def _choice(self) -> _Term:
        test = self._level(0)
        if self._peek() != "?":
            return test
        self._take()
        then = self._choice()
        self._take(":")
        otherwise = self._choice()
        type_ = _joined(then.type, otherwise.type)
        return _Term(type_, lambda values: type_.held((then if test.value(values) else otherwise).value(values)))

    def _level(self, depth: int) -> _Term:
        if depth == len(_LEVELS):
            return self._unary()
        term = self._level(depth + 1)
        while self._peek() in _LEVELS[depth]:
            term = _binary(self._take(), term, self._level(depth + 1))
        return term

    def _unary(self) -> _Term:
        sign = self._peek()
        if sign == "(" and self._tokens[self._at + 1 : self._at + 2] and self._tokens[self._at + 1] in _TYPE_WORDS:
            return self._cast()
        if sign not in ("-", "+", "~", "!"):
            return self._primary()
        self._take()
        operand = self._unary()
        if sign == "!":
            return _Term(_INT, lambda values: int(not operand.value(values)))
        if sign == "+":
            return _binary("+", _Term(_INT, lambda _: 0), operand)
        return _binary("-" if sign == "-" else "^", _Term(_INT, lambda _: 0 if sign == "-" else -1), operand)

    def _cast(self) -> _Term:
        self._take("(")
        words: list[str] = []
        while self._peek() in _TYPE_WORDS:
            words.append(self._take())
        self._take(")")
        operand, to = self._unary(), _spelt(words)
        return _Term(to, lambda values: to.held(operand.value(values)))

    def _primary(self) -> _Term:
        token = self._take()
        if token == "(":
            term = self._choice()
            self._take(")")
            return term
        if token[0].isdigit():
            return _constant(token)
        if token not in self._atoms:
            raise _Unreadable
        name, element = self._atoms[token]
        if element.kind not in (ElementKind.SIGNED, ElementKind.UNSIGNED, ElementKind.BOOL):
            raise _Unreadable
        self.used.add(name)
        is_signed = element.kind is ElementKind.SIGNED
        type_ = _Type(element.size_bytes, is_signed, element.kind is ElementKind.BOOL)
        return _Term(type_, lambda values: type_.held(values[name]))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Unreadable
        found.append(match[0].strip())
        at = match.end()
    return found


def _constant(token: str) -> _Term:
    digits = token.rstrip("uUlL")
    suffix = token[len(digits) :].lower()
    value = int(digits, 16 if digits[:2].lower() == "0x" else 8 if digits[0] == "0" and len(digits) > 1 else 10)
    wide = "l" in suffix or value >= 1 << (32 if "u" in suffix else 31)
    candidates = (_UNSIGNED, _UNSIGNED_LONG) if "u" in suffix else (_INT, _LONG)
    type_ = candidates[wide]
    if type_.held(value) != value:
        raise _Unreadable
    return _Term(type_, lambda _: value)


def _spelt(words: list[str]) -> _Type:
    found = set(words)
    if found & {"bool", "_Bool"}:
        return _Type(1, False, True)
    is_signed = "unsigned" not in found
    if "char" in found:
        # Whether a plain char is signed is up to the compiler.
        if not found & {"signed", "unsigned"}:
            raise _Unreadable
        return _Type(1, is_signed)
    if "short" in found:
        return _Type(2, is_signed)
    return _Type(8 if "long" in found else 4, is_signed)


def _promoted(type_: _Type) -> _Type:
    return type_ if type_.size >= 4 else _INT


def _joined(first: _Type, second: _Type) -> _Type:
    """Return the common type of two operands (C11 6.3.1.8)."""
    first, second = _promoted(first), _promoted(second)
    if first.size != second.size:
        return first if first.size > second.size else second
    return second if first.is_signed else first


def _binary(sign: str, left: _Term, right: _Term) -> _Term:
    first, second = left.value, right.value
    if sign == "&&":
        return _Term(_INT, lambda values: int(bool(first(values)) and bool(second(values))))
    if sign == "||":
        return _Term(_INT, lambda values: int(bool(first(values)) or bool(second(values))))
    if sign in ("<<", ">>"):
        type_ = _promoted(left.type)
        return _Term(type_, lambda values: type_.computed(_shifted(sign, first(values), second(values), type_)))
    type_ = _joined(left.type, right.type)
    operation = _OPERATIONS[sign]
    result = _INT if sign in _COMPARISONS else type_
    return _Term(
        result, lambda values: result.computed(operation(type_.held(first(values)), type_.held(second(values))))
    )


def _shifted(sign: str, value: int, by: int, type_: _Type) -> int:
    if not 0 <= by < 8 * type_.size or (value < 0 and sign == "<<"):
        raise UndefinedValue
    return value << by if sign == "<<" else value >> by


def _quotient(left: int, right: int) -> int:
    if not right:
        raise UndefinedValue
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _quotient,
    "%": lambda left, right: left - right * _quotient(left, right),
    "&": lambda left, right: left & right,
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
}
