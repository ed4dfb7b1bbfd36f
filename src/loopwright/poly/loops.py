"""Loops with affine bounds as small neutral values: what ``poly.ast`` builds and ``codegen.print_c`` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, an outer loop or a loop of the tree."""

    name: str


@dataclass(frozen=True, slots=True)
class Extreme:
    """The smallest (``min``) or largest (``max``) of two or more values."""

    kind: str
    arguments: tuple[Affine, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """``dividend / divisor`` with a positive literal divisor.

    ``kind`` is "floor" (rounds down, whatever the sign), "quotient" (the dividend is not negative, or the
    division leaves no rest) or "remainder" (the dividend is not negative, or only zero or not zero matters).
    """

    kind: str
    dividend: Affine
    divisor: int


Operand = Name | Extreme | Division


@dataclass(frozen=True, slots=True)
class Affine:
    """A sum of operands with integer factors and a constant."""

    terms: tuple[tuple[Operand, int], ...]
    constant: int = 0

    def plus(self, other: Affine, factor: int = 1) -> Affine:
        """Return ``self + factor * other``."""
        factors = dict(self.terms)
        for operand, count in other.terms:
            factors[operand] = factors.get(operand, 0) + factor * count
        terms = tuple((operand, count) for operand, count in factors.items() if count)
        return Affine(terms, self.constant + factor * other.constant)

    def times(self, factor: int) -> Affine:
        """Return ``factor * self``; a minimum or maximum that stands alone is turned over, not negated.

        >>> Affine(((Extreme("min", (Affine(((Name("n"), 1),)), Affine((), 3))), 1),)).times(-1)
        Affine(terms=((Extreme(kind='max', arguments=(Affine(terms=((Name(name='n'), -1),), constant=0), \
Affine(terms=(), constant=-3))), 1),), constant=0)
        """
        extreme = self.extreme
        if factor == -1 and extreme is not None:
            kind = "min" if extreme.kind == "max" else "max"
            return Affine(((Extreme(kind, tuple(argument.times(-1) for argument in extreme.arguments)), 1),))
        return Affine(
            tuple((operand, count * factor) for operand, count in self.terms if factor), self.constant * factor
        )

    def shifted(self, by: int) -> Affine:
        """Return ``self + by``, pushed into a minimum or maximum that stands alone."""
        extreme = self.extreme
        if extreme is None:
            return Affine(self.terms, self.constant + by)
        return Affine(((Extreme(extreme.kind, tuple(argument.shifted(by) for argument in extreme.arguments)), 1),))

    @property
    def extreme(self) -> Extreme | None:
        """Return the minimum or maximum if the sum is nothing else."""
        if self.constant == 0 and len(self.terms) == 1 and self.terms[0][1] == 1:
            operand = self.terms[0][0]
            return operand if isinstance(operand, Extreme) else None
        return None

    def names(self) -> frozenset[str]:
        """Return every name in it, at any depth."""
        found: set[str] = set()
        for operand, _ in self.terms:
            match operand:
                case Name(name):
                    found.add(name)
                case Extreme():
                    found.update(*(argument.names() for argument in operand.arguments))
                case Division():
                    found.update(operand.dividend.names())
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right`` with op one of ``<= < >= > ==``."""

    op: str
    left: Affine
    right: Affine


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by ``&&`` or ``||``."""

    op: str
    arguments: tuple[Condition, ...]


Condition = Compare | Logic


@dataclass(frozen=True, slots=True)
class ForLoop:
    """``for (name = start; name < bound; name += step)``; with a negative step ``name > bound``."""

    name: str
    start: Affine
    bound: Affine
    inclusive: bool
    step: int
    body: Node


@dataclass(frozen=True, slots=True)
class Branch:
    """``if (condition) then``; the AST build is asked for one copy of the body, so there is no ``else``."""

    condition: Condition
    then: Node


@dataclass(frozen=True, slots=True)
class Leaf:
    """The innermost body, with the value that each axis of the band has there."""

    values: tuple[tuple[str, Affine], ...]


Node = ForLoop | Branch | Leaf
