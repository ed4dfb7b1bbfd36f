"""What is known at one point of the symbolic run: symbols with their ranges, and the conditions on the path."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from loopwright.core.assumption import SetText
from loopwright.frontend.affine import Poly, conjunction, negation
from loopwright.frontend.parameters import NameTable
from loopwright.poly.implication import is_empty

_NAME = re.compile(r"[A-Za-z_]\w*")
_KEYWORDS = frozenset(
    ["and", "or", "not", "exists", "implies", "mod", "floor", "ceil", "floord", "ceild", "min", "max", "true", "false"]
)


@lru_cache(maxsize=16384)
def names_in(formula: str) -> frozenset[str]:
    """Return the symbols that an isl formula mentions."""
    return frozenset(_NAME.findall(formula)) - _KEYWORDS


@dataclass(frozen=True, slots=True)
class Symbol:
    """A parameter.

    Attributes:
        name: In formulas.
        text: What it stands for, for people.
        formula: What its type or its making says of it.
    """

    name: str
    text: str
    formula: str


class Facts:
    """Symbols, and conditions that hold on the way to the current point.

    A *parameter* is a value that is fixed while threads run side by side; a *dimension* counts threads, iterations or
    tasks, and is given its range by a condition on the path.
    """

    def __init__(self) -> None:
        self.names = NameTable()
        self.symbols: dict[str, Symbol] = {}
        self.path: list[str] = []
        self._products: dict[tuple[str, ...], str] = {}

    def parameter(self, wanted: str, text: str, formula: str = "{}") -> Poly:
        """Return a new parameter.

        Args:
            wanted: Name to try first.
            text: What it stands for, for people.
            formula: What is known of it, with ``{}`` for its name; the default says nothing.
        """
        name = self.names.take(wanted or "p")
        known = "" if formula == "{}" else formula.format(name)
        self.symbols[name] = Symbol(name, text, known)
        return Poly.symbol(name)

    def is_parameter(self, name: str) -> bool:
        """Return True if ``name`` is a parameter."""
        return name in self.symbols

    def known(self, names: Iterable[str], extra: tuple[str, ...] = ()) -> tuple[str, frozenset[str]]:
        """Return the formula of all that bears on ``names``, and every symbol in it."""
        reached = set(names)
        pending = [formula for formula in (*self.path, *extra) if formula]
        chosen: list[str] = []
        grew = True
        while grew:
            grew = False
            for formula in list(pending):
                if names_in(formula) & reached or not names_in(formula):
                    pending.remove(formula)
                    chosen.append(formula)
                    reached |= names_in(formula)
                    grew = True
            for name in list(reached):
                symbol = self.symbols.get(name)
                if symbol is not None and symbol.formula and symbol.formula not in chosen:
                    chosen.append(symbol.formula)
                    reached |= names_in(symbol.formula)
                    grew = True
        return conjunction(*chosen), frozenset(reached)

    def is_impossible(self, formula: str) -> bool:
        """Return True if ``formula`` certainly does not hold here."""
        if formula == "false":
            return True
        known, names = self.known(names_in(formula))
        listed = ", ".join(sorted(names))
        return is_empty(SetText(f"[{listed}] -> {{ [] : {conjunction(known, formula) or 'true'} }}"))

    def prove(self, formula: str) -> bool:
        """Return True if ``formula`` certainly holds here."""
        return not formula or formula == "true" or self.is_impossible(negation(formula))

    @contextmanager
    def under(self, *formulas: str) -> Generator[None]:
        """Look at a point that is reached only where ``formulas`` hold."""
        length = len(self.path)
        self.path += [formula for formula in formulas if formula]
        try:
            yield
        finally:
            del self.path[length:]

    def linear(self, poly: Poly) -> Poly | None:
        """Return the polynomial with products of parameters made parameters; None if that is not enough."""
        if poly.is_affine:
            return poly
        result = Poly()
        for monomial, coefficient in poly.terms:
            names = tuple(atom for atom in monomial if isinstance(atom, str))
            if len(monomial) <= 1:
                result = result + Poly(((monomial, coefficient),))
            elif len(names) == len(monomial) and all(name in self.symbols for name in names):
                result = result + self._product(names).scaled(coefficient)
            else:
                return None
        return result if result.is_affine else None

    def _product(self, names: tuple[str, ...]) -> Poly:
        if names not in self._products:
            text = " * ".join(self.symbols[name].text for name in names)
            signs = all(self.prove(f"{name} >= 0") for name in names)
            poly = self.parameter("product", text, "{} >= 0" if signs else "{}")
            (self._products[names],) = poly.symbols
        return Poly.symbol(self._products[names])

    def text(self, poly: Poly) -> str | None:
        """Return the isl text of a polynomial; None if it is not affine."""
        found = self.linear(poly)
        return str(found) if found is not None else None
