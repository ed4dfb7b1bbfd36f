"""Arithmetic that cannot overflow or wrap, and reads as the user's where it is the user's."""

from __future__ import annotations

import pytest

from codegen.builder import INT, LONG, SIZE, UNSIGNED
from loopwright.codegen.print_c import WIDE, Printer, Symbol
from loopwright.core.variable import ElementType
from loopwright.poly.loops import Affine, Compare, Division, Extreme, ForLoop, Leaf, Name


def name(text: str, factor: int = 1, constant: int = 0) -> Affine:
    return Affine(((Name(text), factor),), constant)


def printer(kind: ElementType = INT, *, unsigned: bool = False, verbatim: str = "") -> Printer:
    symbols = {
        "n": Symbol("n", kind),
        "m": Symbol("m", kind),
        "z": Symbol("z", SIZE),
        "u": Symbol("u", UNSIGNED),
        "i": Symbol("i", kind, "int", is_iterator=True),
        "t": Symbol("t", kind if unsigned else WIDE, "long long", is_iterator=True),
    }
    return Printer(symbols, frozenset({verbatim}), unsigned=unsigned, unit="    ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Affine((), -3), "-3"),
        (name("n"), "n"),
        (name("n", constant=-1), "(long long)n - 1"),
        (name("n").plus(name("i"), -1), "(long long)n - i"),
        (name("n", 2), "2 * (long long)n"),
        (name("n", -1, 5), "-(long long)n + 5"),
        (name("t", constant=32), "t + 32"),
        (name("n").plus(name("t")), "(long long)n + t"),
        (name("i", constant=1), "i + 1"),
        (name("i", constant=-1), "(long long)i - 1"),
        (name("z"), "(long long)z"),
        (name("u"), "u"),
        (name("u", constant=-1), "(long long)u - 1"),
    ],
)
def test_sums_are_computed_in_a_wide_type(value: Affine, text: str) -> None:
    assert printer().value(value) == text


def test_what_the_user_computes_is_left_alone() -> None:
    assert printer(verbatim="n-1").value(name("n", constant=-1)) == "n - 1"
    assert printer(verbatim="n-1").value(name("n", constant=-2)) == "(long long)n - 2"


def test_values_that_are_wide_already_are_not_converted() -> None:
    assert printer(LONG).value(name("n", constant=-1)) == "n - 1"


def test_unsigned_trees_are_not_converted() -> None:
    assert printer(SIZE, unsigned=True).value(name("t", constant=32)) == "t + 32"
    assert printer(SIZE, unsigned=True).needs_sign(name("n", constant=-1))
    assert not printer(SIZE, unsigned=True, verbatim="n-1").needs_sign(name("n", constant=-1))
    assert not printer(SIZE, unsigned=True).needs_sign(name("n"))


def test_minima_and_maxima_are_conditional_expressions() -> None:
    two = Affine(((Extreme("min", (name("n"), name("t", constant=32))), 1),))
    assert printer().value(two) == "(n < t + 32 ? n : t + 32)"
    three = Affine(((Extreme("max", (name("n"), name("m"), name("t"))), 1),))
    assert printer().value(three) == "(n > m && n > t ? n : m > t ? m : t)"


def test_signed_and_unsigned_are_never_compared() -> None:
    mixed = Affine(((Extreme("min", (name("n"), name("u"))), 1),))
    assert printer().value(mixed) == "((long long)n < (long long)u ? (long long)n : (long long)u)"
    assert printer().condition(Compare("<", name("n"), name("u"))) == "(long long)n < (long long)u"
    assert printer().condition(Compare("<", name("n"), name("m"))) == "n < m"


@pytest.mark.parametrize("dividend", range(-9, 10))
@pytest.mark.parametrize("divisor", [1, 2, 4])
def test_floors_are_right_for_negative_numbers(dividend: int, divisor: int) -> None:
    text = printer(LONG).value(Affine(((Division("floor", name("n"), divisor), 1),)))
    assert text == f"(n < 0 ? -((-n + {divisor - 1}) / {divisor}) : n / {divisor})"
    truncated = -((-dividend + divisor - 1) // divisor) if dividend < 0 else dividend // divisor
    assert truncated == dividend // divisor


def test_headers_count_up_and_down() -> None:
    up = ForLoop("t", Affine(()), name("n"), False, 32, Leaf(()))
    assert printer().header(up) == "for (long long t = 0; t < n; t += 32)"
    down = ForLoop("i", name("n", constant=-1), Affine(()), True, -1, Leaf(()))
    assert printer(verbatim="n-1").header(down) == "for (int i = n - 1; i >= 0; i--)"


def test_an_unsigned_iterator_meets_no_signed_bound() -> None:
    loop = ForLoop("i", Affine(()), name("m"), False, 1, Leaf(()))
    symbols = {"i": Symbol("i", UNSIGNED, "unsigned", is_iterator=True), "m": Symbol("m", INT)}
    made = Printer(symbols, frozenset(), unsigned=False, unit="  ")
    assert made.header(loop) == "for (unsigned i = 0; i < (long long)m; i++)"
