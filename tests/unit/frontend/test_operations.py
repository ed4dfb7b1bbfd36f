"""Floating-point operations of a statement instance, and what a function does outside its nests."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

import pytest

from snippets import function_of, nest_of

HEAD = "double sqrt(double); double fabs(double); double fmax(double, double); float expf(float);\n"


def operations(statement: str, *, before: str = "") -> int:
    code = f"{HEAD}{before}void f(int n, double *a, const double *b, float *c, int *k) {{ double t = 1.0; for (int i = 0; i < n; i++) {{ {statement} }} a[0] = t; }}"
    return sum(each.operations for each in nest_of(code).statements)


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("a[i] = b[i];", 0),
        ("a[i] = b[i] + 1.0;", 1),
        ("a[i] += b[i];", 1),
        ("a[i] = a[i] + b[i] - 2.0 * b[i];", 3),
        ("a[i] = (b[i] - 1.0) / (b[i] + 1.0);", 3),
        ("a[i] = -b[i];", 0),
        ("a[i]++;", 1),
        ("t += b[i];", 1),
        ("t = t + b[i] - c[i];", 2),
        ("t *= b[i];", 1),
        ("if (b[i] > t) t = b[i];", 0),
        ("t = fmax(t, fabs(b[i] * 2.0));", 1),
        ("a[i] = sqrt(b[i]) / 2.0;", 2),
        ("c[i] = expf(c[i]) * (float)k[i];", 2),
        ("k[i] = k[i] * 3 + k[i] / 2;", 0),
        ("a[i] = k[i] / 2;", 0),
        ("a[i] = k[i] / 2.0;", 1),
        ("a[i] = b[i] * (2.0 * 3.0);", 1),
        ("a[i] = b[i] > 0.0 ? b[i] * b[i] + 1.0 : b[i] - 1.0;", 2),
        ("if (b[i] * b[i] > 2.0) a[i] = 0.0;", 1),
        ("a[k[i] + 2 * k[i]] = 1.0;", 0),
    ],
)
def test_arithmetic_of_the_source_counts(statement: str, count: int) -> None:
    assert operations(statement) == count


def test_the_operations_of_a_helper_count_where_it_is_called() -> None:
    one_line = "static double square(double x) { return x * x; }\n"
    assert operations("a[i] = square(b[i] + 1.0) + 1.0;", before=one_line) == 3
    longer = "static void scale(double *x) { double s = *x * 2.0; *x = s + 1.0; }\n"
    assert operations("scale(&a[i]);", before=longer) == 2


def test_each_declaration_counts_its_own() -> None:
    nest = nest_of(
        "void f(int n, double *a) { for (int i = 0; i < n; i++) { double x = a[i] * 2.0, y = x + a[i] * x; a[i] = x - y; } }"
    )
    assert [each.operations for each in nest.statements] == [1, 2, 1]


def test_a_nest_in_a_branch_says_so() -> None:
    loop = "for (int i = 0; i < n; i++) a[i] = 0.0;"
    code = f"void f(int n, double *a) {{ {loop} if (n > 7) {{ {loop} }} else {loop} switch (n) {{ case 3: {loop} }} {{ {loop} }} }}"
    assert [nest.is_conditional for nest in function_of(code).nests] == [False, True, True, True, False]


def test_calls_outside_the_nests_are_named() -> None:
    loop = "for (int i = 0; i < n; i++) a[i] = twice(a[i]);"
    code = f"""{HEAD} void other(double *); void *memset(void *, int, unsigned long);
    static double twice(double x) {{ return 2.0 * sqrt(x); }}
    static double hidden(double *x) {{ other(x); return 1.0; }}
    static double deep(double *x) {{ return hidden(x); }}
    void f(int n, double *a) {{ double s = twice(3.0); memset(a, 0, n); if (n) other(a); s = deep(a); {loop} a[0] = sqrt(s); }}"""
    assert sorted(function_of(code).outside_calls) == ["hidden", "memset", "other"]
