"""Integer arithmetic of the symbolic run, and what can be proved at a point."""

from __future__ import annotations

import pytest

from loopwright.frontend.affine import Poly, Value
from loopwright.frontend.openmp.facts import Facts, names_in
from loopwright.frontend.openmp.numbers import Arithmetic
from loopwright.frontend.types import INT, UNSIGNED_LONG, CType, TypeKind

UNSIGNED = CType(TypeKind.INTEGER, "unsigned int", 4)
CHAR = CType(TypeKind.INTEGER, "signed char", 1, True)


@pytest.fixture
def facts() -> Facts:
    return Facts()


def constant(value: Value | None) -> int | None:
    assert value is not None
    return value.constant


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("/", 7, 2, 3),
        ("/", -7, 2, -3),
        ("/", 7, -2, -3),
        ("%", -7, 2, -1),
        ("%", 7, -2, 1),
        ("&", 13, 7, 5),
        ("|", 4, 1, 5),
    ],
)
def test_constants_are_computed_as_c_does(facts: Facts, operator: str, left: int, right: int, result: int) -> None:
    numbers = Arithmetic(facts)
    assert constant(numbers.binary(operator, Value.of(left), Value.of(right), INT)) == result


def test_division_by_zero_has_no_value(facts: Facts) -> None:
    assert Arithmetic(facts).binary("/", Value.of(1), Value.of(0), INT) is None


def test_quotient_of_a_value_of_unknown_sign_has_two_cases(facts: Facts) -> None:
    n = facts.parameter("n", "n")
    found = Arithmetic(facts).binary("/", Value.of(n), Value.of(2), INT)
    assert found is not None
    assert len(found.pieces) == 2
    with facts.under(f"{n} >= 0"):
        known = Arithmetic(facts).binary("/", Value.of(n), Value.of(2), INT)
    assert known is not None
    assert known.poly is not None


def test_unsigned_difference_wraps_around(facts: Facts) -> None:
    numbers = Arithmetic(facts)
    assert constant(numbers.binary("-", Value.of(2), Value.of(3), UNSIGNED)) == (1 << 32) - 1
    n = facts.parameter("n", "n", "0 <= {} < 10")
    assert numbers.binary("-", Value.of(n), Value.of(1), UNSIGNED) != Value.of(n - Poly.of(1))
    with facts.under(f"{n} >= 1"):
        assert numbers.binary("-", Value.of(n), Value.of(1), UNSIGNED) == Value.of(n - Poly.of(1))


def test_narrow_conversion_keeps_what_fits(facts: Facts) -> None:
    numbers = Arithmetic(facts)
    assert constant(numbers.converted(Value.of(300), INT, CHAR)) == 44
    n = facts.parameter("n", "n", "0 <= {} < 10")
    assert numbers.converted(Value.of(n), INT, CHAR) == Value.of(n)
    assert numbers.converted(Value.of(n), INT, UNSIGNED_LONG) == Value.of(n)


def test_comparison_is_a_formula_or_certain(facts: Facts) -> None:
    numbers = Arithmetic(facts)
    n = facts.parameter("n", "n", "{} >= 1")
    assert numbers.compare("<", Value.of(1), Value.of(2)) == "true"
    assert numbers.compare("!=", Value.of(2), Value.of(2)) == "false"
    formula = numbers.compare(">", Value.of(n), Value.of(0))
    assert formula is not None
    assert facts.prove(formula)
    assert not facts.prove(f"{n} > 1")
    assert facts.is_impossible(f"{n} < 1")


def test_choice_without_a_doubt_is_one_value(facts: Facts) -> None:
    numbers = Arithmetic(facts)
    one, two = Value.of(1), Value.of(2)
    assert numbers.choice("true", one, two) == one
    assert numbers.choice("false", one, two) == two
    joined = numbers.choice("n > 0", one, two)
    assert joined is not None
    assert len(joined.pieces) == 2


def test_conditions_that_do_not_bear_on_a_question_are_left_out(facts: Facts) -> None:
    n, m = facts.parameter("n", "n"), facts.parameter("m", "m")
    with facts.under(f"{n} > 3", f"{m} > {n}", "unrelated = 1"):
        known, names = facts.known({"m"})
        assert "unrelated" not in known
        assert names == {"m", "n"}
        assert facts.prove(f"{m} > 4")
    assert not facts.prove(f"{m} > 4")


def test_names_are_taken_from_formulas() -> None:
    assert names_in("exists (k : i = 2*k) and floor((n)/2) > j") == {"k", "i", "n", "j"}


def test_products_of_parameters_become_parameters(facts: Facts) -> None:
    n, m = facts.parameter("n", "n", "{} >= 0"), facts.parameter("m", "m", "{} >= 0")
    text = facts.text(n * m + Poly.of(1))
    assert text is not None
    assert facts.text(n * m) == text.removesuffix(" + 1")
    assert facts.text(n * Poly.symbol("i")) is None
