"""Trees of ``poly.loops`` as C text: readable bounds, and arithmetic that cannot overflow.

Bounds are computed in the type of the user's own expressions only where they are the user's own expressions;
everything else is computed in a 64-bit signed type, or in the user's unsigned type where every value in the tree
is of that type and nothing is ever subtracted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from loopwright.codegen.insert import Directive
from loopwright.codegen.text import is_identifier
from loopwright.core.variable import ElementKind, ElementType
from loopwright.poly.loops import Affine, Branch, Compare, Condition, Division, Extreme, ForLoop, Leaf, Name, Node

WIDE = ElementType("long long", ElementKind.SIGNED, 8)


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name of the tree is in C.

    Attributes:
        text: Its C expression.
        type: Its C type.
        declare: What a loop header says in front of it ("int"); "" if it is declared elsewhere.
        is_iterator: A loop of the tree assigns it.
    """

    text: str
    type: ElementType
    declare: str = ""
    is_iterator: bool = False

    @property
    def is_wide(self) -> bool:
        """Return True if arithmetic with it is done in at least 64 signed bits."""
        return self.type.kind is ElementKind.SIGNED and self.type.size_bytes >= 8

    @property
    def is_unsigned(self) -> bool:
        """Return True for a type that wraps around."""
        return self.type.kind is not ElementKind.SIGNED


def affine_values(node: Node) -> Iterable[Affine]:
    """Return every bound, condition operand and leaf value in the tree, outermost first."""
    match node:
        case ForLoop():
            yield node.start
            yield node.bound
            yield from affine_values(node.body)
        case Branch():
            yield from _operands(node.condition)
            yield from affine_values(node.then)
        case Leaf():
            yield from (value for _, value in node.values)


def _operands(condition: Condition) -> Iterable[Affine]:
    if isinstance(condition, Compare):
        yield condition.left
        yield condition.right
        return
    for argument in condition.arguments:
        yield from _operands(argument)


class Printer:
    """Prints one tree.

    Args:
        symbols: What each name of the tree is in C.
        verbatim: Expressions that the user's own loop headers compute, without white space.
        unsigned: Every symbol has one unsigned type and nothing is subtracted: no conversion is needed.
        unit: One level of indentation.
        constants: How the user spells some constants (``N - 1`` for 511).
    """

    def __init__(
        self,
        symbols: dict[str, Symbol],
        verbatim: frozenset[str],
        *,
        unsigned: bool,
        unit: str,
        constants: dict[int, str] | None = None,
    ) -> None:
        self._constants = constants or {}
        self._symbols = symbols
        self._verbatim = verbatim
        self._unsigned = unsigned
        self._unit = unit

    def lines(
        self, node: Node, indent: str, directives: dict[str, Directive], body: Callable[[Leaf, str], list[str]]
    ) -> list[str]:
        """Return the lines of ``node``; ``body(leaf, indent)`` gives those of the innermost body, a block."""
        match node:
            case ForLoop():
                directive = directives.get(node.name)
                head = [*directive.lines(indent)] if directive is not None else []
                inside = self.lines(node.body, indent + self._unit, directives, body)
                if isinstance(node.body, Leaf):
                    return [*head, f"{indent}{self.header(node)} {inside[0].lstrip()}", *inside[1:]]
                return [*head, f"{indent}{self.header(node)}", *inside]
            case Branch():
                inside = self.lines(node.then, indent + self._unit, directives, body)
                if isinstance(node.then, Leaf):
                    return [f"{indent}if ({self.condition(node.condition)}) {inside[0].lstrip()}", *inside[1:]]
                return [f"{indent}if ({self.condition(node.condition)}) {{", *inside, f"{indent}}}"]
            case Leaf():
                return body(node, indent.removesuffix(self._unit))

    def header(self, loop: ForLoop) -> str:
        """Return ``for (...)``."""
        symbol = self._symbols[loop.name]
        name = symbol.text
        declare = f"{symbol.declare} " if symbol.declare else ""
        compare = (">" if loop.step < 0 else "<") + ("=" if loop.inclusive else "")
        count = abs(loop.step)
        sign = "-" if loop.step < 0 else "+"
        advance = f"{name}{sign}{sign}" if count == 1 else f"{name} {sign}= {count}"
        bound = self._beside(symbol, loop.bound)
        return f"for ({declare}{name} = {self.value(loop.start)}; {name} {compare} {bound}; {advance})"

    def condition(self, condition: Condition) -> str:
        """Return a condition."""
        if isinstance(condition, Compare):
            left, right = self.value(condition.left), self.value(condition.right)
            if self._signs(condition.left) != self._signs(condition.right):
                left, right = self._cast(condition.left), self._cast(condition.right)
            return f"{left} {condition.op} {right}"
        return f" {condition.op} ".join(
            text if isinstance(argument, Compare) else f"({text})"
            for argument, text in ((argument, self.condition(argument)) for argument in condition.arguments)
        )

    def _beside(self, symbol: Symbol, bound: Affine) -> str:
        if symbol.is_unsigned and not self._unsigned and not self._is_wide(bound) and bound.terms:
            return self._cast(bound)
        return self.value(bound)

    def _cast(self, value: Affine) -> str:
        text = self.value(value)
        if not value.terms or self._is_wide(value):
            return text
        return (
            f"({WIDE.spelling}){text}" if is_identifier(text) or text.startswith("(") else f"({WIDE.spelling})({text})"
        )

    def _is_wide(self, value: Affine) -> bool:
        """Return True if the text of ``value`` has a 64-bit signed type."""
        if self._unsigned or not value.terms:
            return False
        extreme = value.extreme
        if extreme is not None:
            signs = {self._signs(argument) for argument in extreme.arguments}
            return signs >= {True, False} or any(self._is_wide(argument) for argument in extreme.arguments)
        name = _lone_name(value)
        if name is not None:
            return self._symbols[name].is_wide or self._is_mixed(self._symbols[name])
        return any(self._symbols[name].is_wide for name in value.names()) or not self._is_users(value)

    def _is_mixed(self, symbol: Symbol) -> bool:
        """Return True for a 64-bit unsigned value among signed ones, which is converted wherever it appears."""
        return symbol.is_unsigned and symbol.type.size_bytes >= 8 and not self._unsigned

    def _is_users(self, value: Affine) -> bool:
        """Return True for a sum that the user's own type holds: one of the user's, or ``i + 1`` of an iterator."""
        name = _lone_name(Affine(value.terms))
        if name is not None and value.constant == 1 and self._symbols[name].is_iterator:
            return not self._symbols[name].is_unsigned
        return self._sum(value, widen=False).replace(" ", "") in self._verbatim

    def needs_sign(self, value: Affine) -> bool:
        """Return True if a part of ``value`` may be negative where unsigned arithmetic would wrap around."""
        if self._is_users(value):
            return False
        if value.constant < 0 or any(factor < 0 for _, factor in value.terms):
            return True
        for operand, _ in value.terms:
            if isinstance(operand, Extreme) and any(self.needs_sign(argument) for argument in operand.arguments):
                return True
            if isinstance(operand, Division) and (operand.kind == "floor" or self.needs_sign(operand.dividend)):
                return True
        return False

    def _signs(self, value: Affine) -> bool | None:
        if not value.terms or self._is_wide(value):
            return None
        return any(self._symbols[name].is_unsigned for name in value.names())

    def value(self, value: Affine) -> str:
        """Return the text of ``value``; it binds at least as tightly as a sum."""
        if not value.terms:
            return self._constants.get(value.constant, str(value.constant))
        lone = len(value.terms) == 1 and value.constant == 0 and value.terms[0][1] == 1
        return self._sum(value, widen=not (lone or self._unsigned or self._is_users(value)))

    def _sum(self, value: Affine, *, widen: bool) -> str:
        # Positive terms first, so that the text does not start with a sign where it need not.
        terms = sorted(value.terms, key=lambda term: term[1] < 0)
        wide = not widen
        text = ""
        for operand, factor in terms:
            needed = widen and (not wide or factor not in (1, -1))
            spelled, is_wide = self._operand(operand, widen=needed)
            wide = wide or is_wide
            if factor not in (1, -1):
                spelled = f"{abs(factor)} * {spelled}"
            sign = "-" if factor < 0 else "+" if text else ""
            text += f" {sign} {spelled}" if text else f"{sign}{spelled}"
        if value.constant:
            text += f" {'-' if value.constant < 0 else '+'} {abs(value.constant)}"
        return text

    def _operand(self, operand: Name | Extreme | Division, *, widen: bool) -> tuple[str, bool]:
        match operand:
            case Name(name):
                symbol = self._symbols[name]
                if (widen and not symbol.is_wide) or self._is_mixed(symbol):
                    return f"({WIDE.spelling}){symbol.text}", True
                return symbol.text, symbol.is_wide
            case Extreme(kind, arguments):
                return self._choice("<" if kind == "min" else ">", arguments, widen=widen)
            case Division(kind, dividend, divisor):
                return self._division(kind, dividend, divisor), not self._unsigned

    def _choice(self, compare: str, arguments: tuple[Affine, ...], *, widen: bool) -> tuple[str, bool]:
        signs = {self._signs(argument) for argument in arguments}
        widen = widen or signs >= {True, False}
        texts = [self._cast(argument) if widen else self.value(argument) for argument in arguments]
        chosen = texts[-1]
        for index in range(len(texts) - 2, -1, -1):
            wins = " && ".join(f"{texts[index]} {compare} {other}" for other in texts[index + 1 :])
            chosen = f"{wins} ? {texts[index]} : {chosen}"
        return f"({chosen})", widen or any(self._is_wide(argument) for argument in arguments)

    def _division(self, kind: str, dividend: Affine, divisor: int) -> str:
        text = self.value(dividend) if self._unsigned else self._cast(dividend)
        text = text if is_identifier(text) else f"({text})"
        if kind == "remainder":
            return f"({text} % {divisor})"
        if kind == "quotient":
            return f"({text} / {divisor})"
        # C rounds towards zero: floor(x / d) = -((-x + d - 1) / d) for x < 0.
        return f"({text} < 0 ? -((-{text} + {divisor - 1}) / {divisor}) : {text} / {divisor})"


def _lone_name(value: Affine) -> str | None:
    if len(value.terms) == 1 and value.constant == 0 and value.terms[0][1] == 1:
        operand = value.terms[0][0]
        return operand.name if isinstance(operand, Name) else None
    return None
