"""Integer expressions over names, as ``kernel.toml`` and the nests write them: parsed here, never evaluated by Python.

The grammar is C's, cut down to ``+ - * / % << >>``, unary minus, parentheses, calls of ``min``, ``max`` and ``log2``
(rounded down), integer literals with suffixes, casts to integer types (which are ignored) and names, ``s->n``, ``s.n``
and ``v.size()`` too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+)[uUlLzZ]*(?![\w.])"
    r"|(?P<name>[A-Za-z_]\w*(?:\s*(?:->|\.)\s*[A-Za-z_]\w*)*)|(?P<sign><<|>>|[-+*/%(),]))"
)
_TYPE_WORDS = frozenset(
    {
        "char",
        "short",
        "int",
        "long",
        "signed",
        "unsigned",
        "size_t",
        "ssize_t",
        "ptrdiff_t",
        "int8_t",
        "int16_t",
        "int32_t",
        "int64_t",
        "uint8_t",
        "uint16_t",
        "uint32_t",
        "uint64_t",
        "const",
    }
)
_FUNCTIONS = frozenset({"min", "max", "log2"})
_LEVELS = (frozenset({"<<", ">>"}), frozenset({"+", "-"}), frozenset({"*", "/", "%"}))
_MAX_TEXT = 2000
_MAX_NESTING = 60
_MAX_VALUE = 1 << 62


class ExpressionError(ValueError):
    """The text is not such an expression, names something unknown, or has no value (division by zero, overflow)."""


def evaluate(text: str, values: Mapping[str, int]) -> int:
    """Return the value of ``text``, division truncating as in C.

    >>> evaluate("(n + 1) * max(m, 2)", {"n": 3, "m": 1})
    8

    Raises:
        ExpressionError: With one line that says why.
    """
    parser = _Parser(text, values)
    value = parser.level(0)
    if parser.token is not None:
        raise ExpressionError(f"unexpected {parser.token!r} in {text!r}")
    return value


def names(text: str) -> frozenset[str]:
    """Return the names in ``text``, in normal form (``s.n`` for ``s->n``); functions and types are left out."""
    found = {normalise(match.group("name")) for match in _TOKEN.finditer(text) if match.group("name")}
    called = {name for name in _FUNCTIONS if re.search(rf"\b{name}\s*\(", text)}
    return frozenset(found - _TYPE_WORDS - called)


def normalise(name: str) -> str:
    """Return ``name`` with each ``->`` written as a dot and without spaces, so that spellings can be compared."""
    return re.sub(r"\s+", "", name).replace("->", ".")


class _Parser:
    def __init__(self, text: str, values: Mapping[str, int]) -> None:
        if len(text) > _MAX_TEXT:
            raise ExpressionError("the expression is too long")
        self._text = text
        self._values = {normalise(name): value for name, value in values.items()}
        self._tokens = _tokens(text)
        self._at = 0
        self._nesting = 0

    @property
    def token(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, expected: str | None = None) -> str:
        token = self.token
        if token is None or (expected is not None and token != expected):
            raise ExpressionError(f"expected {expected or 'a value'} in {self._text!r}")
        self._at += 1
        return token

    def level(self, depth: int) -> int:
        if depth == len(_LEVELS):
            return self._unary()
        value = self.level(depth + 1)
        while self.token in _LEVELS[depth]:
            value = self._apply(self._take(), value, self.level(depth + 1))
        return value

    def _apply(self, sign: str, left: int, right: int) -> int:
        if sign in ("/", "%"):
            if right == 0:
                raise ExpressionError(f"division by zero in {self._text!r}")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return quotient if sign == "/" else left - quotient * right
        if sign in ("<<", ">>") and not 0 <= right < 62:
            raise ExpressionError(f"a shift by {right} in {self._text!r}")
        value = {
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "<<": lambda: left << right,
            ">>": lambda: left >> right,
        }[sign]()
        if abs(value) > _MAX_VALUE:
            raise ExpressionError(f"{self._text!r} is too large")
        return value

    def _unary(self) -> int:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise ExpressionError("the expression is nested too deeply")
        try:
            if self.token in ("-", "+"):
                return self._unary() if self._take() == "+" else -self._unary()
            return self._primary()
        finally:
            self._nesting -= 1

    def _primary(self) -> int:
        token = self._take()
        if token == "(":
            if self.token is not None and self.token in _TYPE_WORDS:
                while self.token in _TYPE_WORDS:
                    self._take()
                self._take(")")
                return self._unary()
            value = self.level(0)
            self._take(")")
            return value
        if token[0].isdigit():
            return int(token, 16 if token[:2] in ("0x", "0X") else 8 if token[0] == "0" and token.isdigit() else 10)
        if token in _FUNCTIONS and self.token == "(":
            return self._called(token)
        if self.token == "(" and "." in token:  # v.size()
            self._take()
            self._take(")")
        if token not in self._values:
            raise ExpressionError(f"{token!r} in {self._text!r} has no value")
        return self._values[token]

    def _called(self, function: str) -> int:
        self._take()
        arguments = [self.level(0)]
        while (separator := self._take()) == ",":
            arguments.append(self.level(0))
        if separator != ")":
            raise ExpressionError(f"expected ) in {self._text!r}")
        if function != "log2":
            return min(arguments) if function == "min" else max(arguments)
        if len(arguments) != 1:
            raise ExpressionError(f"log2 takes one number in {self._text!r}")
        if arguments[0] < 1:
            raise ExpressionError(f"the logarithm of zero or less in {self._text!r}")
        return arguments[0].bit_length() - 1


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise ExpressionError(f"cannot read {text[at : at + 20]!r} in {text!r}")
        name = match.group("name")
        tokens.append(normalise(name) if name else match.group("number") or match.group("sign"))
        at = match.end()
    return tokens
