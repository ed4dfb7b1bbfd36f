from __future__ import annotations

import pytest

from loopwright.harness.expression import ExpressionError, evaluate, names, normalise


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n", 7),
        ("n + 1", 8),
        ("2*n - m", 11),
        ("(n + m) * 3", 30),
        ("n / 2 * 2", 6),
        ("-n / 2", -3),
        ("-n % 2", -1),
        ("1 << m", 8),
        ("0x10 + 010", 24),
        ("100UL", 100),
        ("max(n, m, 9)", 9),
        ("min(n, m) + 0", 3),
        ("(long)n * (unsigned int)(m)", 21),
        ("(n)*(m)", 21),
        ("g->rows * g.rows", 25),
        ("v.size() - 1", 10),
        ("n * log2(n + 1)", 21),
        ("log2(1) + log2(1023)", 9),
    ],
)
def test_values_are_those_of_c(text: str, value: int) -> None:
    assert evaluate(text, {"n": 7, "m": 3, "g->rows": 5, "v.size": 11}) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n +",
        "(n",
        "n)",
        "k",
        "n / 0",
        "n % (m - 3)",
        "log2(n, m)",
        "log2(n - n)",
        "log2 + 1",
        "1 << 70",
        "n ** 2",
        "__import__('os')",
        "n.real()()",
        "'a'",
        "n; n",
        "1e3",
        "n" * 3000,
        "(" * 100 + "n" + ")" * 100,
        "-" * 100 + "n",
        "<<".join(["1", "60"]) + " * 1000",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, {"n": 7, "m": 3})


@pytest.mark.parametrize("text", ["(1 << 31) * (1 << 31) * 3", "-(1 << 61) - (1 << 61) - (1 << 61)"])
def test_what_leaves_the_machines_numbers_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, {})


def test_names_leave_out_types_and_functions() -> None:
    assert names("max((long)n, s->m) + 0x1F") == {"n", "s.m"}


def test_spellings_of_a_field_are_one() -> None:
    assert normalise("a -> b.c") == "a.b.c"


def test_functions_are_no_names_but_where_they_are_not_called() -> None:
    assert names("max(n, log2 (m)) + min") == {"n", "m", "min"}
