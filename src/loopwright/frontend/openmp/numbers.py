"""Integer arithmetic of C on symbolic values: exact where it is affine, None where it is not."""

from __future__ import annotations

from collections.abc import Callable

from loopwright.frontend.affine import Piece, Poly, Value, conjunction, disjunction, negation
from loopwright.frontend.openmp.facts import Facts
from loopwright.frontend.types import CType, TypeKind

_MOST_PIECES = 24
_LARGEST_TABLE = 600
_WIDE_BYTES = 8
_MIRRORED = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "!="}


class Arithmetic:
    """Computes with values at the current point of the run."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def combine(self, left: Value, right: Value, join: Callable[[Poly, Poly], Poly | None]) -> Value | None:
        """Return the value of ``join`` in every case; None if one has no value or there are too many."""
        count = len(left.pieces) * len(right.pieces)
        single = min(len(left.pieces), len(right.pieces)) == 1
        if count > (_LARGEST_TABLE if single else _MOST_PIECES):
            return None
        pieces: list[Piece] = []
        for one in left.pieces:
            for other in right.pieces:
                formula = conjunction(one.formula, other.formula)
                if count > 1 and not single and self.facts.is_impossible(formula):
                    continue
                poly = join(one.poly, other.poly)
                if poly is None:
                    return None
                pieces.append(Piece(formula, poly))
        return Value(tuple(pieces)) if pieces else None

    def binary(self, operator: str, left: Value, right: Value, type_: CType) -> Value | None:
        """Return the result of an arithmetic operator in ``type_``."""
        match operator:
            case "+":
                return self._fit(self.combine(left, right, Poly.__add__), type_, is_wrapping=not type_.is_signed)
            case "-":
                return self._fit(self.combine(left, right, Poly.__sub__), type_, is_wrapping=not type_.is_signed)
            case "*":
                return self._fit(self.combine(left, right, Poly.__mul__), type_, is_wrapping=not type_.is_signed)
            case "/" | "%":
                number = right.constant
                return self._divided(left, number, operator) if number else None
            case "<<" if right.constant is not None and 0 <= right.constant < 63:
                factor = 1 << right.constant
                return self._fit(left.mapped(lambda poly: poly.scaled(factor)), type_, is_wrapping=not type_.is_signed)
            case ">>" if right.constant is not None and 0 <= right.constant < 63:
                divisor = 1 << right.constant
                return left.mapped(lambda poly: poly.floor_divided(divisor))
            case "&":
                return self._masked(left, right)
            case "|" | "^" if left.constant is not None and right.constant is not None:
                number = left.constant | right.constant if operator == "|" else left.constant ^ right.constant
                return Value.of(number)
            case _:
                return None

    def _masked(self, left: Value, right: Value) -> Value | None:
        if left.constant is not None:
            left, right = right, left
        number = right.constant
        if number is None or number < 0 or (number + 1) & number:
            both = left.constant is not None and number is not None
            return Value.of((left.constant or 0) & (number or 0)) if both else None
        return left.mapped(lambda poly: poly - poly.floor_divided(number + 1).scaled(number + 1))

    def _divided(self, value: Value, divisor: int, operator: str) -> Value | None:
        """Return the quotient or remainder, which C rounds towards zero."""
        size = abs(divisor)
        pieces: list[Piece] = []

        def finish(poly: Poly, quotient: Poly) -> Poly:
            if operator == "/":
                return quotient if divisor > 0 else -quotient
            return poly - quotient.scaled(size)

        for piece in value.pieces:
            constant = piece.poly.constant
            if constant is not None:
                quotient = Poly.of(abs(constant) // size * (1 if constant >= 0 else -1))
                pieces.append(Piece(piece.formula, finish(piece.poly, quotient)))
                continue
            text = self.facts.text(piece.poly)
            if text is None:
                return None
            up = finish(piece.poly, piece.poly.floor_divided(size))
            down = finish(piece.poly, -(-piece.poly).floor_divided(size))
            with self.facts.under(piece.formula):
                if self.facts.prove(f"{text} >= 0"):
                    pieces.append(Piece(piece.formula, up))
                    continue
                if self.facts.prove(f"{text} <= 0"):
                    pieces.append(Piece(piece.formula, down))
                    continue
            pieces.append(Piece(conjunction(piece.formula, f"{text} >= 0"), up))
            pieces.append(Piece(conjunction(piece.formula, f"{text} < 0"), down))
        return Value(tuple(pieces)) if len(pieces) <= _LARGEST_TABLE else None

    def converted(self, value: Value, from_: CType, to: CType) -> Value | None:
        """Return the value in another integer type."""
        if to.kind is TypeKind.BOOL:
            truth = self.compare("!=", value, Value.of(0))
            return None if truth is None else self.choice(truth, Value.of(1), Value.of(0))
        if not to.is_integer:
            return None
        least, greatest = to.value_range
        from_least, from_greatest = from_.value_range if from_.is_integer else (least - 1, greatest + 1)
        if least <= from_least and from_greatest <= greatest:
            return value
        return self._fit(value, to, is_wrapping=True)

    def _fit(self, value: Value | None, type_: CType, *, is_wrapping: bool) -> Value | None:
        """Return ``value`` modulo the size of ``type_``; signed arithmetic does not overflow in a correct program."""
        if value is None or not is_wrapping or not type_.is_integer:
            return value
        least, greatest = type_.value_range
        pieces: list[Piece] = []
        for piece in value.pieces:
            if piece.poly.constant is not None:
                constant = (piece.poly.constant - least) % (greatest - least + 1) + least
                pieces.append(Piece(piece.formula, Poly.of(constant)))
                continue
            text = self.facts.text(piece.poly)
            if text is None:
                if type_.size_bytes < _WIDE_BYTES:
                    return None
                # A product that leaves 64 bits is no subscript of anything.
                pieces.append(piece)
                continue
            with self.facts.under(piece.formula):
                if self.facts.prove(f"{least} <= {text} <= {greatest}"):
                    pieces.append(piece)
                    continue
            size = greatest - least + 1
            shifted = (piece.poly - Poly.of(least)).floor_divided(size)
            pieces.append(Piece(piece.formula, piece.poly - shifted.scaled(size)))
        return Value(tuple(pieces))

    def compare(self, operator: str, left: Value, right: Value) -> str | None:
        """Return the formula of a comparison; ``"true"`` and ``"false"`` where it is certain."""
        if left.constant is not None and right.constant is not None:
            return "true" if _holds(operator, left.constant, right.constant) else "false"
        cases: list[str] = []
        if len(left.pieces) * len(right.pieces) > _LARGEST_TABLE:
            return None
        for one in left.pieces:
            for other in right.pieces:
                difference = one.poly - other.poly
                given = conjunction(one.formula, other.formula)
                if difference.constant is not None:
                    if _holds(operator, difference.constant, 0):
                        cases.append(given)
                    continue
                text = self.facts.text(difference)
                if text is None:
                    return None
                cases.append(conjunction(given, f"{text} {_MIRRORED[operator]} 0"))
        if not cases:
            return "false"
        return disjunction(*cases) or "true"

    def choice(self, condition: str, then: Value, otherwise: Value) -> Value | None:
        """Return ``condition ? then : otherwise``."""
        if condition == "true" or then == otherwise:
            return then
        if condition == "false":
            return otherwise
        if len(then.pieces) + len(otherwise.pieces) > _MOST_PIECES:
            return None
        opposite = negation(condition)
        return Value(
            tuple(Piece(conjunction(condition, piece.formula), piece.poly) for piece in then.pieces)
            + tuple(Piece(conjunction(opposite, piece.formula), piece.poly) for piece in otherwise.pieces)
        )

    def pruned(self, value: Value) -> Value:
        """Return the value without the cases that cannot occur here."""
        if len(value.pieces) == 1 or len(value.pieces) > _MOST_PIECES:
            return value
        kept = tuple(piece for piece in value.pieces if not self.facts.is_impossible(piece.formula))
        if len(kept) == 1:
            return Value.of(kept[0].poly)
        return Value(kept) if kept else value


def _holds(operator: str, left: int, right: int) -> bool:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
        case _:
            return left != right
