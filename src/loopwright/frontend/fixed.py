"""Expressions whose value cannot change during the nest, as C text that stands in front of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loopwright.frontend.addresses import strip_array
from loopwright.frontend.affine import NotAffine, Value
from loopwright.frontend.places import Index, Place
from loopwright.frontend.scope import Scope
from loopwright.frontend.syntax import (
    Binary,
    Call,
    Cast,
    Conditional,
    Expression,
    Integer,
    Member,
    Name,
    Subscript,
    This,
    Unary,
)
from loopwright.frontend.tree import strip_casts, walk_expression
from loopwright.frontend.types import TypeKind


@dataclass(frozen=True, slots=True)
class Fixed:
    """C text, and whether it may be evaluated in front of the nest whatever the input.

    A division by a variable and a value read from memory may only if the original evaluates them there, too. Members
    behind a pointer count as safe: what is generated asks first whether the loop has an iteration.
    """

    text: str
    is_safe: bool


class FixedText:
    """Writes fixed expressions as C."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        # Objects of the methods that are being looked into, innermost last.
        self.receivers: list[Place] = []

    def fixed(self, expression: Expression) -> Fixed | None:
        """Return the text of ``expression``, or None if its value may change or has no text."""
        if not self.scope.finder.is_fixed_but_for(expression, self.scope.effects, self.scope.bindings.keys()):
            return None
        return self._fixed_text(expression)

    def note_evaluated(self, expressions: Iterable[Expression]) -> None:
        """Note what may trap and is evaluated in front of the nest in any case, as the header of its root is."""
        parts = [part for expression in expressions for part in walk_expression(expression)]
        if any(isinstance(part, Conditional) or _is_short_circuit(part) for part in parts):
            return
        for part in parts:
            match part:
                case Subscript() | Unary(operator="*") | Binary(operator="/" | "%" | "<<" | ">>"):
                    noted = self.fixed(part)
                    if noted is not None:
                        self.scope.evaluated.add(noted.text)
                case _:
                    pass

    def _fixed_text(self, expression: Expression) -> Fixed | None:
        match expression:
            case Integer(value=value):
                return Fixed(f"{value}{'ull' if value > (1 << 63) - 1 else ''}", True)
            case Name():
                return self._fixed_name(expression)
            case This():
                return self._fixed_this()
            case Cast(operand=operand):
                return self._fixed_cast(expression, self._fixed_text(operand))
            case Member(base=base, name=name, is_arrow=is_arrow):
                while isinstance(base, Member) and not base.name:
                    base, is_arrow = base.base, base.is_arrow
                inner = self._fixed_text(base)
                if inner is None:
                    return None
                if is_arrow and inner.text.startswith("(&"):
                    return Fixed(f"{inner.text[2:-1]}.{name}", inner.is_safe)
                return Fixed(f"{inner.text}{'->' if is_arrow else '.'}{name}", inner.is_safe)
            case Subscript(base=base, index=index):
                inner, place = self._fixed_text(base), self._fixed_text(index)
                if inner is None or place is None:
                    return None
                text = f"{inner.text}[{place.text}]"
                is_readable = text in self.scope.evaluated or _is_element(base, index)
                return Fixed(text, inner.is_safe and place.is_safe and is_readable)
            case Unary(operator=operator, operand=operand) if operator in ("-", "+", "~", "!", "*"):
                inner = self._fixed_text(operand)
                if inner is None:
                    return None
                text = f"{operator}({inner.text})"
                return Fixed(text, inner.is_safe and (operator != "*" or text in self.scope.evaluated))
            case Binary(operator=operator, left=left, right=right):
                return self._fixed_binary(operator, self._fixed_text(left), self._fixed_text(right), right)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = [self._fixed_text(part) for part in (condition, then, otherwise)]
                found = [part for part in parts if part is not None]
                if len(found) < 3:
                    return None
                text = f"({found[0].text}) ? ({found[1].text}) : ({found[2].text})"
                return Fixed(text, all(part.is_safe for part in found))
            case Call(receiver=Expression() as receiver, name="size"):
                inner = self._fixed_text(receiver)
                return Fixed(f"{inner.text}.size()", inner.is_safe) if inner else None
            case _:
                return None

    def _fixed_this(self) -> Fixed | None:
        if not self.receivers:
            return Fixed("this", True)
        place = self.receivers[-1]
        if not place.steps and place.root.base:
            return Fixed(f"(&{place.root.base})", True)
        return self._fixed_place(place)

    def _fixed_name(self, expression: Name) -> Fixed | None:
        bound = self.scope.bindings.get(expression.declaration.key)
        if bound is None:
            declaration = expression.declaration
            return Fixed(declaration.name, True) if self.scope.visible(declaration) else None
        if isinstance(bound, NotAffine):
            return None
        if isinstance(bound, Value):
            poly = bound.poly
            if poly is None or not all(name in self.scope.parameters for name in poly.symbols):
                return None
            is_safe = all(self.scope.parameters.is_guardable(name) for name in poly.symbols)
            return Fixed(f"({self.scope.parameters.c_text(poly)})", is_safe)
        return self._fixed_place(bound)

    def _fixed_place(self, place: Place) -> Fixed | None:
        """Return the pointer text of a bound pointer that points to the start of its root."""
        first = place.steps[0] if place.steps else None
        is_start = isinstance(first, Index) and isinstance(first.value, Value) and first.value.constant == 0
        if not place.root.base or not is_start or len(place.steps) != 1:
            return None
        return Fixed(place.root.base, True)

    def _fixed_cast(self, expression: Cast, inner: Fixed | None) -> Fixed | None:
        kind = expression.type.kind
        if inner is None or kind not in (TypeKind.INTEGER, TypeKind.BOOL, TypeKind.FLOAT):
            return inner
        if expression.type.unqualified == expression.operand.type.unqualified:
            return inner
        return Fixed(f"({expression.type.unqualified})({inner.text})", inner.is_safe)

    def _fixed_binary(
        self, operator: str, left: Fixed | None, right: Fixed | None, divisor: Expression
    ) -> Fixed | None:
        if left is None or right is None or operator == ",":
            return None
        text = f"({left.text}) {operator} ({right.text})"
        is_safe = left.is_safe and right.is_safe
        if operator in ("/", "%", "<<", ">>") and text not in self.scope.evaluated:
            is_safe = is_safe and isinstance(divisor, Integer) and divisor.value > 0
        return Fixed(text, is_safe)


def _is_short_circuit(part: Expression) -> bool:
    return isinstance(part, Binary) and part.operator in ("&&", "||")


def _is_element(base: Expression, index: Expression) -> bool:
    """Return True if the subscript names an element of a declared array, whatever happens before it is read."""
    array = strip_array(base)
    number = strip_casts(index)
    count = array.type.count if array is not None and array.type.kind is TypeKind.ARRAY else None
    return count is not None and isinstance(number, Integer) and 0 <= number.value < count
