"""Polynomials, values in cases, and the rows recovered from a subscript."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loopwright.frontend.affine import Piece, Poly, Value, conjunction, disjunction
from loopwright.frontend.delinearize import find_layout, split

row, column, inner, width, depth = (Poly.symbol(name) for name in "ijknm")
PARAMETERS = frozenset({"n", "m"})


def evaluate(poly: Poly, values: dict[str, int]) -> int:
    total = 0
    for monomial, coefficient in poly.terms:
        product = coefficient
        for atom in monomial:
            product *= values[atom] if isinstance(atom, str) else evaluate(atom.of, values) // atom.divisor
        total += product
    return total


numbers = st.integers(-9, 9)
linear = st.builds(lambda a, b, c: row.scaled(a) + width.scaled(b) + Poly.of(c), numbers, numbers, numbers)


@given(linear, linear, numbers, numbers)
def test_arithmetic_is_that_of_numbers(first: Poly, second: Poly, i: int, n: int) -> None:
    values = {"i": i, "n": n}
    left, right = evaluate(first, values), evaluate(second, values)
    assert evaluate(first + second, values) == left + right
    assert evaluate(first - second, values) == left - right
    assert evaluate(first * second, values) == left * right


@given(linear, st.integers(1, 7), numbers, numbers)
def test_floors_are_those_of_numbers(poly: Poly, divisor: int, i: int, n: int) -> None:
    values = {"i": i, "n": n}
    assert evaluate(poly.floor_divided(divisor), values) == evaluate(poly, values) // divisor


def test_equal_polynomials_are_equal_values() -> None:
    assert row * width + column == column + width * row
    assert Poly() == (row - row)
    assert hash(row + Poly.of(2)) == hash(Poly.of(2) + row)


def test_polynomials_print_with_the_positive_terms_first() -> None:
    assert str(Poly.of(3) - row) == "3 - i"
    assert str(-row) == "-i"
    assert str(row.scaled(2) - width + Poly.of(1)) == "2*i + 1 - n"


def test_cases_are_combined() -> None:
    value = Value((Piece("i < 3", row), Piece("i >= 3", width)))
    doubled = value.combined(value, Poly.__add__)
    assert doubled is not None
    assert len(doubled.pieces) == 4
    assert doubled.combined(value, Poly.__add__) is None


def test_formulas_keep_their_precedence() -> None:
    assert conjunction("a = 1 or b = 2", "c = 3") == "(a = 1 or b = 2) and c = 3"
    assert conjunction("", "") == ""
    assert disjunction("a = 1", "") == ""
    assert disjunction("a = 1", "b = 2") == "(a = 1) or (b = 2)"


def test_rows_are_recovered() -> None:
    layout = find_layout([(row * width + column) * depth + inner], PARAMETERS)
    assert layout is not None
    assert layout.strides == (width * depth, depth, Poly.of(1))
    assert layout.extents == (width, depth)
    assert split((row * width + column + Poly.of(1)) * depth + inner - Poly.of(2), layout) == [
        row,
        column + Poly.of(1),
        inner - Poly.of(2),
    ]


def test_constant_factors_belong_to_the_stride() -> None:
    layout = find_layout([(row * width + column).scaled(3) + Poly.of(1)], PARAMETERS)
    assert layout is not None
    assert layout.extents == (width.scaled(3),)
    assert split((row * width + column).scaled(3) + Poly.of(1), layout) == [row, column.scaled(3) + Poly.of(1)]


def test_strides_that_do_not_divide_each_other_are_no_rows() -> None:
    assert find_layout([row * width + column * depth], PARAMETERS) is None
    assert find_layout([row * column], PARAMETERS) is None


@given(st.integers(1, 5), st.integers(1, 5), numbers, numbers, numbers)
def test_split_subscripts_add_up(n: int, m: int, i: int, j: int, k: int) -> None:
    poly = (row * width + column - Poly.of(1)) * depth + inner + width
    layout = find_layout([poly], PARAMETERS)
    assert layout is not None
    parts = split(poly, layout)
    assert parts is not None
    values = {"i": i, "j": j, "k": k, "n": n, "m": m}
    total = sum(evaluate(part * stride, values) for part, stride in zip(parts, layout.strides, strict=True))
    assert total == evaluate(poly, values)
