"""Polynomials as isl text, and what can be proved or assumed of them at one point of a nest."""

from __future__ import annotations

from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.codes import Code
from loopwright.frontend.affine import Piece, Poly, Value
from loopwright.frontend.fixed import FixedText
from loopwright.frontend.scope import constant_upper
from loopwright.poly.implication import implies


class ProofReader(FixedText):
    """Proves and assumes in a scope."""

    def isl(self, poly: Poly) -> str | None:
        """Return the isl text of a polynomial, products of parameters made parameters; None if it is not affine."""
        linear = self.linear(poly)
        return str(linear) if linear is not None else None

    def linear(self, poly: Poly) -> Poly | None:
        """Return the polynomial with products of parameters made parameters; None if that is not enough."""
        if poly.is_affine:
            return poly
        result = Poly()
        for monomial, coefficient in poly.terms:
            names = [atom for atom in monomial if isinstance(atom, str)]
            if len(monomial) <= 1:
                result = result + Poly(((monomial, coefficient),))
            elif len(names) == len(monomial) and all(name in self.scope.parameters for name in names):
                result = result + self.scope.parameters.product(tuple(names)).scaled(coefficient)
            else:
                return None
        return result if result.is_affine else None

    def is_nonnegative(self, poly: Poly, given: str = "") -> bool:
        """Return True if it is certain that ``poly`` is at least 0 here; products of such values are."""
        text = self.isl(poly)
        if text is not None and self.scope.prove(f"{text} >= 0", given):
            return True
        products = [term for term in poly.terms if len(term[0]) > 1]
        rest = Poly(tuple(term for term in poly.terms if len(term[0]) <= 1))
        if not products or any(coefficient < 0 for _, coefficient in products):
            return False
        factors: list[Poly] = [Poly((((atom,), 1),)) for monomial, _ in products for atom in monomial]
        parts = [*factors, rest] if rest.terms else factors
        return all(part.is_affine and self.scope.prove(f"{part} >= 0", given) for part in parts)

    def proves(self, piece: Piece, pattern: str) -> bool:
        """Return True if ``pattern`` with the piece's text in it holds here whenever the piece applies."""
        if pattern == "{} >= 0":
            return self.is_nonnegative(piece.poly, piece.formula)
        text = self.isl(piece.poly)
        return text is not None and self.scope.prove(pattern.format(text), piece.formula)

    def require_pieces(self, value: Value, pattern: str, kind: AssumptionKind, code: Code, text: str) -> bool:
        """Prove ``pattern`` for every case of a value, or assume it under a guard."""
        for piece in value.pieces:
            if self.proves(piece, pattern):
                continue
            poly = self.isl(piece.poly)
            if poly is None or not self.scope.require(pattern.format(poly), kind, code, text, piece.formula):
                return False
        return True

    def require_product(self, poly: Poly, greatest: int, text: str) -> bool:
        """Assume that a sum of products of non-negative values stays below ``greatest``, under a guard."""
        parameters = self.scope.parameters
        bound = constant_upper(poly, self.scope.frames, parameters)
        if bound is None or not self.scope.can_assume or any(c < 0 for _, c in bound.terms):
            return False
        if not all(parameters.is_guardable(name) for name in bound.symbols):
            return False
        if not all(self.scope.prove(f"{name} >= 0") for name in bound.symbols | poly.symbols):
            return False
        guard = f"{parameters.wide_text(bound)} <= {greatest}.0"
        if all(assumption.guard != guard for assumption in self.scope.assumptions):
            self.scope.assumptions.append(
                Assumption(AssumptionKind.NO_WRAP, f"{text}: {guard}", guard, Code.UNSIGNED_WRAP)
            )
        return True


def without_implied(assumptions: list[Assumption]) -> tuple[Assumption, ...]:
    """Return the assumptions without those on an array's subscripts that a later one on the same array implies.

    ``n <= 96 || m <= 96`` says nothing more where ``m <= 96`` is checked for another subscript.
    """
    return tuple(
        assumption
        for index, assumption in enumerate(assumptions)
        if not any(_is_stronger(later, assumption) for later in assumptions[index + 1 :])
    )


def _is_stronger(one: Assumption, other: Assumption) -> bool:
    # Of one kind and one array, so that what the proof rests on does not change with what is left out.
    are_alike = one.kind is other.kind is AssumptionKind.SUBSCRIPT_BOUNDS and _clause(one) == _clause(other)
    return are_alike and bool(one.context and other.context) and implies(one.context, other.context)


def _clause(assumption: Assumption) -> str:
    return assumption.text.removesuffix(f": {assumption.guard}")
