"""Statements of the form ``x = x op e``."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

import pytest

from loopwright.core.nest import Statement
from snippets import nest_of


def last(
    body: str, declarations: str = "double s, m; float f; int k; unsigned u; _Bool b; char c; long w;"
) -> Statement:
    code = f"""double fmax(double, double); float fminf(float, float);
        #define MAX(x, y) ((x) > (y) ? (x) : (y))
        {declarations} void kernel(int n, double *a, int *q, _Bool *z, unsigned *v) {{ for (int i = 0; i < n; i++) {{ {body} }} }}"""
    return nest_of(code).statements[-1]


@pytest.mark.parametrize(
    ("body", "variable", "operator", "reassociates", "is_atomic"),
    [
        ("s += a[i];", "s", "+", True, True),
        ("s -= a[i];", "s", "+", True, True),
        ("s *= a[i];", "s", "*", True, True),
        ("s = s + a[i];", "s", "+", True, True),
        ("s = a[i] + s;", "s", "+", True, True),
        ("s = s - a[i];", "s", "+", True, True),
        ("s = s + a[i] * 2 - a[i + 1];", "s", "+", True, False),
        ("s = a[i] * s;", "s", "*", True, True),
        ("f += a[i];", "f", "+", True, True),
        ("f = f + a[i];", "f", "+", True, True),
        ("k++;", "k", "+", False, True),
        ("--k;", "k", "+", False, True),
        ("k |= q[i];", "k", "|", False, True),
        ("k &= q[i];", "k", "&", False, True),
        ("k ^= q[i];", "k", "^", False, True),
        ("k = q[i] && k;", "k", "&&", False, False),
        ("k = q[i] > 3 || k;", "k", "||", False, False),
        ("b = z[i] && b;", "b", "&&", False, False),
        ("b |= z[i];", "b", "|", False, True),
        ("c += q[i];", "c", "+", False, True),
        ("if (a[i] > m) m = a[i];", "m", "max", True, False),
        ("if (m < a[i]) { m = a[i]; }", "m", "max", True, False),
        ("if (a[i] >= m) m = a[i];", "m", "max", True, False),
        ("if (a[i] < m) m = a[i];", "m", "min", True, False),
        ("if (q[i] > k) k = q[i];", "k", "max", False, False),
        ("m = a[i] > m ? a[i] : m;", "m", "max", True, False),
        ("m = m < a[i] ? m : a[i];", "m", "min", True, False),
        ("m = MAX(m, a[i]);", "m", "max", True, False),
        ("m = fmax(a[i], m);", "m", "max", True, False),
        ("f = fminf(f, 2);", "f", "min", True, False),
        ("a[q[i]] += 1;", "a", "+", True, True),
        ("q[0] += i;", "q", "+", False, True),
    ],
)
def test_updates(body: str, variable: str, operator: str, reassociates: bool, is_atomic: bool) -> None:
    statement = last(body)
    update = statement.update
    assert update is not None
    assert (update.variable, update.operator.value) == (variable, operator)
    assert (update.reassociates, update.is_expression_statement) == (reassociates, is_atomic)
    own = sorted(access.kind.value for access in statement.accesses if access.is_update)
    assert own == ["read", "write"]
    assert all(access.variable == variable for access in statement.accesses if access.is_update)


@pytest.mark.parametrize(
    "body",
    [
        "s = a[i] - s;",
        "s = a[i] / s;",
        "s /= a[i];",
        "s = s * s;",
        "s += s;",
        "s += a[i] * s;",
        "s = s + s + 1;",
        "k += a[i];",
        "k = k + a[i];",
        "k *= 0.5;",
        "b += q[i];",
        "b &= q[i];",
        "k <<= 1;",
        "k %= 3;",
        "if (a[i] > m) m = a[i + 1];",
        "if (a[i] > m) { m = a[i]; k = i; }",
        "if (a[i] > m) m = a[i]; else m = 0;",
        "if (a[i] > m) k = a[i];",
        "if (v[i] > k) k = v[i];",
        "if (q[i] > c) c = q[i];",
        "m = a[i] > m ? m : 3;",
        "a[i] += a[i - 1];",
        "q[q[i]] += 1;",
        "s = s + a[i] + (s > 3);",
        "s += k++;",
    ],
)
def test_what_only_looks_like_an_update(body: str) -> None:
    assert last(body).update is None


def test_an_extreme_and_its_condition_are_one_statement() -> None:
    code = "void f(int n, double *a, double *m) { for (int i = 0; i < n; i++) if (a[i] > m[0]) m[0] = a[i]; }"
    nest = nest_of(code)
    assert len(nest.statements) == 1
    assert nest.statements[0].exact


def test_a_chosen_minimum_with_the_branches_swapped() -> None:
    update = last("m = a[i] > m ? m : a[i];").update
    assert update is not None
    assert update.operator.value == "min"


def test_an_update_by_a_helper_is_found() -> None:
    code = """static double square(double x) { return x * x; }
        double f(int n, double *a) { double s = 0; for (int i = 0; i < n; i++) s += square(a[i]); return s; }"""
    assert nest_of(code).statements[0].update is not None


def test_a_helper_that_reads_the_target_spoils_the_update() -> None:
    code = """static double s; static double add(double x) { return x + s; }
        void f(int n, double *a) { for (int i = 0; i < n; i++) s += add(a[i]); }"""
    assert nest_of(code).statements[0].update is None
