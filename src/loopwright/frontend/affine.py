"""Integer expressions over iterators and parameters: polynomials with floors, printed as isl or C text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from loopwright.core.codes import Code

MOST_PIECES = 6


@dataclass(frozen=True)
class Floor:
    """``floor(of / divisor)`` with a positive divisor."""

    of: Poly
    divisor: int

    def __str__(self) -> str:
        return f"floor(({self.of})/{self.divisor})"


Atom = str | Floor
Monomial = tuple[Atom, ...]


@dataclass(frozen=True)
class Poly:
    """A polynomial: sum of coefficient times product of atoms, the terms sorted and none zero.

    >>> n, i = Poly.symbol("n"), Poly.symbol("i")
    >>> str(i * n + i - Poly.of(3))
    'i + i*n - 3'
    """

    terms: tuple[tuple[Monomial, int], ...] = ()

    @staticmethod
    def of(value: int) -> Poly:
        """Return a constant."""
        return Poly((((), value),)) if value else Poly()

    @staticmethod
    def symbol(name: str) -> Poly:
        """Return one iterator or parameter."""
        return Poly((((name,), 1),))

    @staticmethod
    def collect(terms: Iterable[tuple[Monomial, int]]) -> Poly:
        """Return the sum of terms in any order."""
        sums: dict[Monomial, int] = {}
        for monomial, coefficient in terms:
            sums[monomial] = sums.get(monomial, 0) + coefficient
        kept = [(monomial, coefficient) for monomial, coefficient in sums.items() if coefficient]
        return Poly(tuple(sorted(kept, key=lambda term: (not term[0], [str(atom) for atom in term[0]]))))

    def __add__(self, other: Poly) -> Poly:
        return Poly.collect((*self.terms, *other.terms))

    def __neg__(self) -> Poly:
        return self.scaled(-1)

    def __sub__(self, other: Poly) -> Poly:
        return self + (-other)

    def __mul__(self, other: Poly) -> Poly:
        return Poly.collect(
            (tuple(sorted((*left, *right), key=str)), first * second)
            for left, first in self.terms
            for right, second in other.terms
        )

    def scaled(self, factor: int) -> Poly:
        """Return the polynomial times a constant."""
        return (
            Poly(tuple((monomial, factor * coefficient) for monomial, coefficient in self.terms)) if factor else Poly()
        )

    def floor_divided(self, divisor: int) -> Poly:
        """Return ``floor(self / divisor)`` for a positive divisor, simplified where the division is exact."""
        exact = Poly(tuple((monomial, c // divisor) for monomial, c in self.terms if monomial and c % divisor == 0))
        rest = Poly(tuple((monomial, c) for monomial, c in self.terms if not monomial or c % divisor))
        if rest.constant is not None:
            return exact + Poly.of(rest.constant // divisor)
        return exact + Poly((((Floor(rest, divisor),), 1),))

    @cached_property
    def constant(self) -> int | None:
        """The value, if there is no symbol."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    @cached_property
    def symbols(self) -> frozenset[str]:
        """All iterators and parameters in it, those inside floors included."""
        return frozenset(name for monomial, _ in self.terms for atom in monomial for name in atom_symbols(atom))

    @property
    def is_affine(self) -> bool:
        """True if no product of atoms occurs."""
        return all(
            len(monomial) <= 1 and all(isinstance(atom, str) or atom.of.is_affine for atom in monomial)
            for monomial, _ in self.terms
        )

    def coefficient(self, name: str) -> int | None:
        """Return the constant that ``name`` is multiplied by; None if it occurs in a product or a floor."""
        found = 0
        for monomial, coefficient in self.terms:
            if monomial == (name,):
                found = coefficient
            elif any(name in atom_symbols(atom) for atom in monomial):
                return None
        return found

    def without(self, name: str) -> Poly:
        """Return the polynomial without the term that is just ``name`` times a constant."""
        return Poly(tuple(term for term in self.terms if term[0] != (name,)))

    def replaced(self, values: Mapping[str, Poly]) -> Poly:
        """Return the polynomial with symbols replaced."""
        result = Poly()
        for monomial, coefficient in self.terms:
            product = Poly.of(coefficient)
            for atom in monomial:
                if isinstance(atom, Floor):
                    product = product * atom.of.replaced(values).floor_divided(atom.divisor)
                else:
                    product = product * values.get(atom, Poly.symbol(atom))
            result = result + product
        return result

    def __str__(self) -> str:
        return self.text(str)

    def text(self, render: Callable[[Atom], str]) -> str:
        """Return the sum with each atom printed by ``render``, positive terms first."""
        ordered = [term for term in self.terms if term[1] > 0] + [term for term in self.terms if term[1] < 0]
        if ordered and not ordered[0][0]:
            ordered = [*[term for term in ordered if term[0] and term[1] > 0], ordered[0], *ordered[1:]]
        parts = ""
        for monomial, coefficient in ordered:
            factors = [render(atom) for atom in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            sign = "-" if coefficient < 0 else "+"
            lead = f" {sign} " if parts else "-" if coefficient < 0 else ""
            parts += lead + "*".join(factors)
        return parts or "0"


def atom_symbols(atom: Atom) -> frozenset[str]:
    """Return the names in an atom."""
    return frozenset({atom}) if isinstance(atom, str) else atom.of.symbols


@dataclass(frozen=True, slots=True)
class Piece:
    """One case of a value: ``poly`` where ``formula`` (isl text, ``""`` for always) holds."""

    formula: str
    poly: Poly


@dataclass(frozen=True, slots=True)
class Value:
    """An integer value: cases that exclude each other and cover everything."""

    pieces: tuple[Piece, ...]

    @staticmethod
    def of(poly: Poly | int) -> Value:
        """Return a value with one case."""
        return Value((Piece("", Poly.of(poly) if isinstance(poly, int) else poly),))

    @property
    def poly(self) -> Poly | None:
        """The polynomial, if there is only one case."""
        return self.pieces[0].poly if len(self.pieces) == 1 and not self.pieces[0].formula else None

    @property
    def constant(self) -> int | None:
        """The number, if it is one."""
        return self.poly.constant if self.poly is not None else None

    @property
    def symbols(self) -> frozenset[str]:
        """All names in the polynomials (not those in the formulas)."""
        return frozenset(name for piece in self.pieces for name in piece.poly.symbols)

    def mapped(self, change: Callable[[Poly], Poly]) -> Value:
        """Return the value with every case changed."""
        return Value(tuple(Piece(piece.formula, change(piece.poly)) for piece in self.pieces))

    def combined(self, other: Value, join: Callable[[Poly, Poly], Poly]) -> Value | None:
        """Return the cases of both joined; None if there are too many."""
        if len(self.pieces) * len(other.pieces) > MOST_PIECES:
            return None
        return Value(
            tuple(
                Piece(conjunction(first.formula, second.formula), join(first.poly, second.poly))
                for first in self.pieces
                for second in other.pieces
            )
        )


@dataclass(frozen=True, slots=True)
class NotAffine:
    """No value that sets and maps can hold, and why.

    Attributes:
        code: The reason code.
        reason: The same in words.
        condition: Where the doubt is only whether the condition of one ``if`` holds: its name, with ``!`` in front
            for the opposite.
    """

    code: Code
    reason: str
    condition: str = ""

    def opposite(self) -> NotAffine:
        """Return the doubt of the other branch."""
        if not self.condition:
            return self
        name = self.condition[1:] if self.condition.startswith("!") else f"!{self.condition}"
        return NotAffine(self.code, self.reason, name)


def conjunction(*formulas: str) -> str:
    """Return the isl text for all of ``formulas``; ``""`` stands for true.

    >>> conjunction("i < n", "", "i < 3 or j < 2")
    'i < n and (i < 3 or j < 2)'
    """
    kept = [formula for formula in dict.fromkeys(formulas) if formula]
    if len(kept) <= 1:
        return "".join(kept)
    return " and ".join(f"({formula})" if " or " in formula else formula for formula in kept)


def disjunction(*formulas: str) -> str:
    """Return the isl text for any of ``formulas``; ``""`` stands for true."""
    if any(not formula for formula in formulas):
        return ""
    kept = list(dict.fromkeys(formulas))
    return kept[0] if len(kept) == 1 else " or ".join(f"({formula})" for formula in kept)


def negation(formula: str) -> str:
    """Return the isl text for the opposite of a formula that is not ``""``."""
    return f"not ({formula})"
