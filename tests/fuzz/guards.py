"""Evaluates the C conditions that a proof states, at concrete values: C's own arithmetic, pointers included."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fuzz.arithmetic import COMPARISONS, convert, operation
from fuzz.expressions import Thread
from fuzz.interpret import Machine
from fuzz.memory import Memory
from fuzz.program import (
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    ULONG,
    USHORT,
    CType,
    Decl,
    Form,
    Lit,
    joined,
)

_TOKEN = re.compile(
    r"\s*(?:(?P<real>\d+\.\d*)|(?P<number>\d+)(?P<suffix>[uUlL]*)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>&&|\|\||<=|>=|==|!=|<<|>>|->|[-+*/%<>!~&|^?:().\[\],]))"
)
_TYPE_WORDS = frozenset({"char", "short", "int", "long", "unsigned", "signed", "double", "float", "const", "struct"})
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


class GuardError(Exception):
    """The text is not understood."""


@dataclass(frozen=True, slots=True)
class Number:
    type: CType
    value: int | float


@dataclass(frozen=True, slots=True)
class Pointer:
    """An address, and the size of what it points to; ``decl`` where that is one of the program's own elements."""

    address: int
    size: int
    decl: Decl | None = None


Operand = Number | Pointer


def holds(guard: str, machine: Machine, env: dict[str, int], memory: Memory) -> bool:
    """Return whether the condition is true in the given state."""
    return _truth(_Reader(guard, machine, Thread(env, memory)).whole())


def number_of(text: str, machine: Machine, env: dict[str, int], memory: Memory) -> int:
    """Return the value of an integer expression in the given state."""
    found = _Reader(text, machine, Thread(env, memory)).whole()
    if isinstance(found, Pointer):
        raise GuardError(text)
    return int(found.value)


def _truth(value: Operand) -> bool:
    return bool(value.address if isinstance(value, Pointer) else value.value)


class _Reader:
    """Reads and evaluates in one go; ``is_dead`` counts the branches around that are not evaluated."""

    def __init__(self, text: str, machine: Machine, thread: Thread) -> None:
        self._text = text
        self._machine = machine
        self._thread = thread
        self._tokens = _tokens(text)
        self._at = 0
        self._is_dead = 0

    def whole(self) -> Operand:
        value = self._conditional()
        if self._at != len(self._tokens):
            raise GuardError(f"unexpected {self._tokens[self._at]} in {self._text}")
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise GuardError(f"expected {expected or 'more'} in {self._text}")
        self._at += 1
        return token

    def _conditional(self) -> Operand:
        test = self._level(0)
        if self._peek() != "?":
            return test
        self._take()
        first = self._skipping(not _truth(test), self._conditional)
        self._take(":")
        second = self._skipping(_truth(test), self._conditional)
        chosen = first if _truth(test) else second
        if isinstance(first, Number) and isinstance(second, Number) and isinstance(chosen, Number):
            type_ = joined(first.type, second.type)
            return Number(type_, chosen.value if type_.is_float else convert(int(chosen.value), chosen.type, type_))
        return chosen

    def _skipping(self, dead: bool, read: object) -> Operand:
        self._is_dead += dead
        try:
            return read()  # type: ignore[operator]
        finally:
            self._is_dead -= dead

    def _level(self, depth: int) -> Operand:
        if depth == len(_LEVELS):
            return self._unary()
        left = self._level(depth + 1)
        while self._peek() in _LEVELS[depth]:
            sign = self._take()
            if sign in ("&&", "||"):
                decided = _truth(left) == (sign == "||")
                right = self._skipping(decided, lambda: self._level(depth + 1))
                left = Number(INT, int(sign == "||") if decided else int(_truth(right)))
            else:
                left = self._apply(sign, left, self._level(depth + 1))
        return left

    def _apply(self, sign: str, left: Operand, right: Operand) -> Operand:
        if isinstance(left, Pointer) and isinstance(right, Pointer):
            if sign in COMPARISONS:
                return Number(INT, COMPARISONS[sign](left.address, right.address))
            raise GuardError(f"{sign} of two pointers in {self._text}")
        if isinstance(left, Pointer) and isinstance(right, Number) and sign in ("+", "-"):
            moved = int(right.value) * left.size
            return Pointer(left.address + (moved if sign == "+" else -moved), left.size, left.decl)
        if isinstance(left, Pointer) or isinstance(right, Pointer):
            raise GuardError(f"{sign} of a pointer in {self._text}")
        if left.type.is_float or right.type.is_float:
            return self._real(sign, float(left.value), float(right.value))
        if self._is_dead and sign in ("/", "%"):
            return left
        common, result, compute = operation(sign, left.type, right.type)
        first = convert(int(left.value), left.type, common)
        second = int(right.value) if sign in ("<<", ">>") else convert(int(right.value), right.type, common)
        return Number(result, compute(first, second))

    def _real(self, sign: str, left: float, right: float) -> Number:
        if sign in COMPARISONS:
            answers = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
            return Number(INT, int(answers.get(sign, (left == right) == (sign == "=="))))
        results = {"+": left + right, "-": left - right, "*": left * right}
        if sign not in results:
            raise GuardError(f"{sign} in {self._text}")
        return Number(DOUBLE, results[sign])

    def _unary(self) -> Operand:
        sign = self._peek()
        if sign in ("-", "+", "!", "~"):
            self._take()
            operand = self._unary()
            if sign == "!":
                return Number(INT, int(not _truth(operand)))
            if isinstance(operand, Pointer):
                raise GuardError(self._text)
            if sign == "+":
                return operand
            if operand.type.is_float:
                return Number(operand.type, -operand.value)
            return self._apply("-" if sign == "-" else "^", Number(INT, 0 if sign == "-" else -1), operand)
        if sign == "&":
            self._take()
            return self._address_of()
        if sign == "*":
            self._take()
            operand = self._unary()
            return self._loaded(operand)
        if sign == "(" and self._tokens[self._at + 1] in _TYPE_WORDS:
            return self._cast()
        return self._postfix()

    def _address_of(self) -> Pointer:
        is_wrapped = self._peek() == "("
        if is_wrapped:
            self._take()
        decl = self._machine.decls[self._take()]
        if is_wrapped:
            self._take(")")
        size = decl.element_size
        if decl.form is Form.ARRAY:
            for extent in decl.extents:
                size *= extent
        return Pointer(self._thread.env[decl.name], size)

    def _loaded(self, operand: Operand) -> Number:
        if not isinstance(operand, Pointer) or operand.decl is None:
            raise GuardError(self._text)
        type_ = operand.decl.type
        if self._is_dead:
            return Number(type_, 0)
        return Number(type_, self._thread.memory.load(operand.address, type_, operand.decl.name))

    def _cast(self) -> Operand:
        self._take("(")
        words: list[str] = []
        while self._peek() != ")":
            words.append(self._take())
        self._take(")")
        operand = self._unary()
        kept = [word for word in words if word not in ("const",)]
        if kept[-1] == "*":
            if not isinstance(operand, Pointer):
                raise GuardError(self._text)
            return Pointer(operand.address, _named(kept[:-1]).size)
        to = _named(kept)
        if isinstance(operand, Pointer):
            raise GuardError(self._text)
        if to.is_float:
            return Number(to, float(operand.value))
        return Number(to, convert(int(operand.value), operand.type, to))

    def _postfix(self) -> Operand:
        token = self._take()
        if token == "(":
            value = self._conditional()
            self._take(")")
        elif token[0].isdigit():
            value = _constant(token)
        else:
            return self._named(token)
        while self._peek() == "[":
            value = self._subscripted(value)
        return value

    def _named(self, name: str) -> Operand:
        decl = self._machine.decls.get(name)
        if decl is None or name not in self._thread.env:
            raise GuardError(f"{name} is not known in {self._text}")
        address = self._thread.env[name]
        if self._peek() in ("->", "."):
            self._take()
            if decl.record is None:
                raise GuardError(self._text)
            offset, type_ = decl.record.member(self._take())
            return Number(type_, self._thread.memory.load(address + offset, type_, name))
        if decl.form is Form.SCALAR:
            return Number(decl.type, self._thread.memory.load(address, decl.type, name))
        size = decl.element_size
        rows = decl.extents[1:] if decl.form is Form.ARRAY else decl.extents
        for extent in rows:
            length = self._machine.value(Lit(extent) if isinstance(extent, int) else extent)[1]
            size *= length(self._thread)
        value: Operand = Pointer(address, size, decl if not rows and decl.record is None else None)
        while self._peek() == "[":
            value = self._subscripted(value)
        return value

    def _subscripted(self, value: Operand) -> Operand:
        self._take("[")
        index = self._conditional()
        self._take("]")
        return self._loaded(self._apply("+", value, index))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise GuardError(f"cannot read {text[at:]}")
        found.append(match[0].strip())
        at = match.end()
    return found


def _constant(token: str) -> Number:
    if "." in token:
        return Number(DOUBLE, float(token))
    digits = token.rstrip("uUlL")
    suffix = token[len(digits) :].lower()
    value = int(digits)
    candidates = [INT, LONG] if "l" not in suffix else [LONG]
    if "u" in suffix:
        candidates = [UINT, ULONG] if "l" not in suffix else [ULONG]
    for type_ in candidates:
        if value <= type_.greatest:
            return Number(type_, value)
    return Number(ULONG, value)


def _named(words: list[str]) -> CType:
    found = set(words)
    if "double" in found or "float" in found:
        return DOUBLE if "double" in found else FLOAT
    is_unsigned = "unsigned" in found
    if "char" in found:
        return UCHAR if is_unsigned else SCHAR
    if "short" in found:
        return USHORT if is_unsigned else SHORT
    if "long" in found:
        return ULONG if is_unsigned else LONG
    if found <= {"int", "unsigned", "signed"}:
        return UINT if is_unsigned else INT
    raise GuardError(" ".join(words))
