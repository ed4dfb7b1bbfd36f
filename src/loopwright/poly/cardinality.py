"""How many points a bounded set of integers has, exactly and without listing them.

``count_points`` first. isl lists points to count them, which a nest of 10^9 instances does not allow. Here variables
are summed out one after the other (W. Pugh, Counting Solutions to Presburger Formulas, PLDI 1994): a variable whose
bounds are affine with unit coefficients runs from the largest of its lower bounds to the smallest of its upper ones.
The set is split by which ones these are, and the polynomial that counts what was summed out before is summed in closed
form. Where no variable has such bounds, the one with the fewest values is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import islpy as isl

from loopwright.poly.convert import LimitError, PolyError, limited
from loopwright.poly.polynomial import Polynomial

_LIMIT_S = 5.0
_MOST_PIECES = 20_000
_MOST_LISTED = 10_000

_PARAM, _SET, _DIV, _IN = isl.dim_type.param, isl.dim_type.set, isl.dim_type.div, isl.dim_type.in_
Row = tuple[int, ...]
"""Coefficients of the variables, then a constant: of an affine value that must be 0, or must not be negative."""


@dataclass(frozen=True, slots=True)
class _System:
    equalities: tuple[Row, ...]
    inequalities: tuple[Row, ...]


def count_points(points: isl.Set) -> int | None:
    """Return the number of points; None if there is no bound, a parameter is not fixed, or counting takes too long.

    Args:
        points: A set whose parameters, if any, can have one value each.

    Example:
        >>> count_points(isl.Set("{ S[i, j] : 0 <= i < 1000 and 0 <= j <= i and (i + j) mod 2 = 0 }"))
        250500
    """
    try:
        with limited(_LIMIT_S):
            if points.is_empty():
                return 0
            if not has_one_value_each(points) or not points.is_bounded():
                return None
            plain = points.project_out(_PARAM, 0, points.dim(_PARAM)).coalesce().compute_divs().make_disjoint()
            counter = _Counter()
            total = Fraction(0)
            for piece in plain.compute_divs().get_basic_sets():
                system, variables = _explicit(piece)
                total += counter.total(system, Polynomial.constant(1, variables), frozenset(range(variables)))
    except (LimitError, PolyError, _TooManyError):
        return None
    return int(total)


def has_one_value_each(points: isl.Set) -> bool:
    """Return True if no parameter of ``points`` can have two values."""
    parameters = isl.Set.from_params(points.params())
    return parameters.move_dims(_SET, 0, _PARAM, 0, parameters.dim(_PARAM)).is_singleton()


class _TooManyError(Exception):
    """The set falls into more pieces than counting may take."""


def _explicit(piece: isl.BasicSet) -> tuple[_System, int]:
    """Return the constraints with each integer division as a variable of its own, and the number of variables."""
    dimensions, divisions = piece.dim(_SET), piece.dim(_DIV)
    equalities: list[Row] = []
    inequalities: list[Row] = []
    for constraint in piece.get_constraints():
        row = (
            *(_integer(constraint.get_coefficient_val(_SET, at)) for at in range(dimensions)),
            *(_integer(constraint.get_coefficient_val(_DIV, at)) for at in range(divisions)),
            _integer(constraint.get_constant_val()),
        )
        (equalities if constraint.is_equality() else inequalities).append(row)
    space = piece.get_local_space()
    for position in range(divisions):
        # q = floor(e / m)  <=>  0 <= e - m q <= m - 1: each point has exactly one q
        value = space.get_div(position)
        divisor = value.get_denominator_val()
        row = [
            *(_integer(value.get_coefficient_val(_IN, at).mul(divisor)) for at in range(dimensions)),
            *(_integer(value.get_coefficient_val(_DIV, at).mul(divisor)) for at in range(divisions)),
            _integer(value.get_constant_val().mul(divisor)),
        ]
        row[dimensions + position] -= _integer(divisor)
        opposite = [-factor for factor in row]
        opposite[-1] += _integer(divisor) - 1
        inequalities += [tuple(row), tuple(opposite)]
    return _System(tuple(equalities), tuple(inequalities)), dimensions + divisions


def _integer(value: isl.Val) -> int:
    if not value.is_int():
        raise _TooManyError  # a division that isl does not know
    return value.to_python()


class _Counter:
    def __init__(self) -> None:
        self._pieces = 0

    def total(self, system: _System, weight: Polynomial, left: frozenset[int]) -> Fraction:
        """Return the sum of ``weight`` over the points; ``left`` are the variables not summed out yet."""
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise _TooManyError
        found = _simplified(system)
        if found is None:
            return Fraction(0)
        if not left:
            return weight.value
        for row in found.equalities:
            for position in left:
                if abs(row[position]) == 1:
                    return self._substitute(found, weight, left, row, position)
        chosen = _easiest(found, left) if not found.equalities else None
        return self._list(found, weight, left) if chosen is None else self._sum(found, weight, left, chosen)

    def _substitute(
        self, system: _System, weight: Polynomial, left: frozenset[int], row: Row, position: int
    ) -> Fraction:
        # a v + e = 0 with a = +-1  <=>  v = -a e
        sign = row[position]
        value = tuple(0 if at == position else -sign * factor for at, factor in enumerate(row))
        reduced = _System(
            tuple(_replaced(each, position, value) for each in system.equalities if each is not row),
            tuple(_replaced(each, position, value) for each in system.inequalities),
        )
        return self.total(reduced, weight.substituted(position, _polynomial(value)), left - {position})

    def _sum(self, system: _System, weight: Polynomial, left: frozenset[int], position: int) -> Fraction:
        rest = tuple(row for row in system.inequalities if not row[position])
        # v + e >= 0  <=>  v >= -e;  -v + e >= 0  <=>  v <= e
        lows = [_without(row, position, -1) for row in system.inequalities if row[position] > 0]
        highs = [_without(row, position, 1) for row in system.inequalities if row[position] < 0]
        total = Fraction(0)
        for at, low in enumerate(lows):
            # The largest lower bound; of equal ones the first, so that no point is counted twice.
            is_low = tuple(_difference(low, other, int(by < at)) for by, other in enumerate(lows) if by != at)
            for also, high in enumerate(highs):
                is_high = tuple(
                    _difference(other, high, int(by < also)) for by, other in enumerate(highs) if by != also
                )
                piece = _System((), (*rest, *is_low, *is_high, _difference(high, low, 0)))
                summed = weight.summed(position, _polynomial(low), _polynomial(high))
                total += self.total(piece, summed, left - {position})
        return total

    def _list(self, system: _System, weight: Polynomial, left: frozenset[int]) -> Fraction:
        points = _to_isl(system)
        ranges = [(points.dim_min_val(at), points.dim_max_val(at), at) for at in sorted(left)]
        known = [(_integer(high) - _integer(low), _integer(low), at) for low, high, at in ranges]
        width, first, position = min(known)
        if width >= _MOST_LISTED:
            raise _TooManyError
        total = Fraction(0)
        for value in range(first, first + width + 1):
            fixed = (*(0 for _ in _any_row(system)[:-1]), value)
            chosen = _System(
                tuple(_replaced(row, position, fixed) for row in system.equalities),
                tuple(_replaced(row, position, fixed) for row in system.inequalities),
            )
            total += self.total(chosen, weight.substituted(position, _polynomial(fixed)), left - {position})
        return total


def _any_row(system: _System) -> Row:
    """Return some row of the system."""
    return (*system.equalities, *system.inequalities)[0]


def _simplified(system: _System) -> _System | None:
    """Return the system without what follows from the rest; None if no integer point satisfies it."""
    if not system.equalities and not system.inequalities:
        return system
    points = _to_isl(system)
    if points.is_empty():
        return None
    size = len(_any_row(system)) - 1
    equalities: list[Row] = []
    inequalities: list[Row] = []
    pieces = points.get_basic_sets()
    for constraint in pieces[0].detect_equalities().remove_redundancies().get_constraints():
        row = (
            *(_integer(constraint.get_coefficient_val(_SET, at)) for at in range(size)),
            _integer(constraint.get_constant_val()),
        )
        (equalities if constraint.is_equality() else inequalities).append(row)
    return _System(tuple(equalities), tuple(inequalities))


def _to_isl(system: _System) -> isl.Set:
    size = len(_any_row(system)) - 1
    texts = [f"{_text(row)} = 0" for row in system.equalities] + [f"{_text(row)} >= 0" for row in system.inequalities]
    return isl.Set(f"{{ [{', '.join(f'x{at}' for at in range(size))}] : {' and '.join(texts)} }}")


def _text(row: Row) -> str:
    return " + ".join([*(f"{factor}*x{at}" for at, factor in enumerate(row[:-1]) if factor), str(row[-1])])


def _easiest(system: _System, left: frozenset[int]) -> int | None:
    """Return the variable whose bounds all have unit coefficients and split the set least, or None."""
    best: tuple[int, int] | None = None
    for position in sorted(left):
        factors = [row[position] for row in system.inequalities if row[position]]
        if all(abs(factor) == 1 for factor in factors):
            pieces = sum(factor > 0 for factor in factors) * sum(factor < 0 for factor in factors)
            if best is None or pieces < best[0]:
                best = pieces, position
    return None if best is None else best[1]


def _replaced(row: Row, position: int, value: Row) -> Row:
    factor = row[position]
    if not factor:
        return row
    return tuple((0 if at == position else each) + factor * value[at] for at, each in enumerate(row))


def _without(row: Row, position: int, sign: int) -> Row:
    return tuple(0 if at == position else sign * factor for at, factor in enumerate(row))


def _difference(first: Row, second: Row, less: int) -> Row:
    """Return the row that says ``first >= second + less``."""
    row = [one - two for one, two in zip(first, second, strict=True)]
    row[-1] -= less
    return tuple(row)


def _polynomial(row: Row) -> Polynomial:
    return Polynomial.affine(row[:-1], row[-1])
