"""Values that integer variables hold between an assignment and the next, and those that are not known."""

from __future__ import annotations

import pytest

from loopwright.core.nest import LoopNest
from loopwright.legality.analyze import analyze_nest
from snippets import nest_of

DECLARATIONS = "static double u[40][40], s[40]; int step(int);"


def nest(body: str, parameters: str = "int n") -> LoopNest:
    return nest_of(f"{DECLARATIONS} void f({parameters}) {{ int i, k, m; for (int j = 0; j < 20; j++) {{ {body} }} }}")


def is_parallel(body: str, parameters: str = "int n") -> bool:
    """Return the answer for the loop over j."""
    return analyze_nest(nest(body, parameters)).loop("j").is_parallel


@pytest.mark.parametrize(
    "body",
    [
        "k = j; u[k][3] = 1;",
        "k = 1; u[k][j] = 1; k = 2; u[k][j] = u[k - 1][j];",
        "k = j + 1; m = k + 1; k = 0; u[m][k] = 2;",
        "k = j; if (s[j] > 0) u[k][3] = 1;",
        "if (s[j] > 0) { k = j; u[k][3] = 1; }",
        "k = j; for (i = 0; i < n; i++) { m = k; u[m][1] += i; }",
        "for (i = 0; i < 20; i++) { k = i + 1; u[k][j] = u[k][j] + 1; }",
        "i = 1; u[i][j] = 1; for (i = 2; i < 9; i++) u[i][j] = 2; i = 9; u[i][j] = 3;",
        "int p = 3; p = j; u[p][0] = 1;",
    ],
)
def test_an_assigned_value_is_followed(body: str) -> None:
    assert is_parallel(body)


@pytest.mark.parametrize(
    "body",
    [
        "k = j; if (s[j] > 0) k = 0; u[k][3] = 1;",
        "k = 0; if (s[j] > 0) k = j; else k = 0; u[k][3] = 1;",
        "k = j; for (i = 0; i < 20; i++) { u[k][3] = 1; k = 0; }",
        "k = j; for (i = 0; i < 2; i++) k = 0; u[k][3] = 1;",
        "k = 0; for (i = 0; i < n; i++) k = j; u[k][3] = 1;",
        "k = 0; while (s[j] > n) { k = j; n++; } u[k][3] = 1;",
        "k = j; while (s[k] > 0) k = 0; u[k][3] = 1;",
        "k = j; do u[k][3] = 1; while ((k = n) > 3);",
        "for (k = j; s[k] > 0; k = 0) u[k][3] = 1;",
        "k = j; switch (n) { case 1: k = 0; break; case 2: u[k][3] = 1; }",
        "switch (n) { case 1: k = j; case 2: k = 0; } u[k][3] = 1;",
        "k = 0; switch (n) { case 1: k = j; break; case 2: u[k][3] = 1; }",
        "k = 0; switch (n) { case 2: k = j; } u[k][3] = 1;",
        "k = j; k++; k /= 20; u[k][3] = 1;",
        "k = j; m = (k = 0) + 1; u[k][m] = 1;",
        "k = j; if (s[j] > 0 && (k = 0)) s[j] = 2; u[k][3] = 1;",
        "m = j; k = m; m = 0; u[m][3] = k;",
        "k = s[j]; u[k][3] = 1;",
        "int *p = &k; k = j; *p = 0; u[k][3] = 1;",
        "{ int q; if (s[j] > 0) q = j; u[q][3] = 1; }",
    ],
)
def test_a_value_that_may_be_another_is_not_known(body: str) -> None:
    assert not is_parallel(body)


def test_a_bound_that_its_loop_writes_is_not_the_value_from_before() -> None:
    loop = nest("m = 5; for (i = 0; i < m; i++) { u[j][i] = 1; m = 4; }").loops[1]
    assert [each.code.name for each in loop.blockers] == ["UNCOUNTED_LOOP"]


def test_a_conversion_that_changes_the_value_is_no_known_value() -> None:
    code = "static double s[256]; void f(void) { unsigned char k; for (int j = 0; j < 2000; j++) { k = j; s[k] = 1; } }"
    assert not analyze_nest(nest_of(code)).loop("j").is_parallel


def test_each_call_of_a_helper_has_its_own_values() -> None:
    helper = "static void set(int at) { int k; k = at + 1; u[k][0] = 1; }"
    code = f"static double u[40][40]; {helper} void f(void) {{ for (int j = 0; j < 9; j++) {{ BODY }} }}"
    assert analyze_nest(nest_of(code.replace("BODY", "set(2 * j); set(2 * j + 1);"))).loop("j").is_parallel
    assert not analyze_nest(nest_of(code.replace("BODY", "set(j); set(j + 1);"))).loop("j").is_parallel


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("for (i = 0; i < 20; i++) u[i][j] = 1;", (True, True)),
        ("i = 1; u[i][j] = 1; for (i = 2; i < 20; i++) u[i][j] = 1;", (True, True)),
        ("for (i = 0; i < n; i++) u[i][j] = 1; s[j] = i;", (True, True)),
        ("s[j] = i; for (i = 0; i < n; i++) u[i][j] = 1;", (False, True)),
    ],
)
def test_a_loop_variable_matters_where_the_value_from_the_loop_is_read(body: str, answers: tuple[bool, bool]) -> None:
    analysis = analyze_nest(nest(body))
    assert tuple(each.is_parallel for each in analysis.loops) == answers
