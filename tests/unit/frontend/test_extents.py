"""Row lengths of arrays of variable length, and extents in memory that a guard may read."""

from __future__ import annotations

import pytest

from loopwright.legality.analyze import analyze_nest
from snippets import guards_of, nest_of

LOOPS = "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) b[i][j] = i + j;"


@pytest.mark.parametrize(
    "before",
    [
        "int n = p, m = q; double b[n][m];",
        "int n = 9, m = 9; if (p > 1) n = p; m = n + q; double b[n][m];",
        "int n = p, m = q; double b[n][m + 1]; b[0][0] = 1;",
    ],
)
def test_a_row_has_the_length_of_its_declaration(before: str) -> None:
    analysis = analyze_nest(nest_of(f"void f(int p, int q) {{ {before} {LOOPS} }}"))
    assert [each.is_parallel for each in analysis.loops] == [True, True]
    assert not guards_of(analysis.nest)


@pytest.mark.parametrize(
    "before",
    [
        "int n = p, m = q; double b[n][m]; m = 2 * m;",
        "int n = p, m = q; int *w = &m; double b[n][m]; *w = 2;",
        "int n = p, m = q, l = q; double b[n][l]; l = 2 * m;",
        "int n = p, m = q; typedef double row[q]; row b[10]; n = 10;",
        "int n = p, m = q; g = q; double b[n][g]; h();",
    ],
)
def test_a_row_whose_length_has_changed_since_is_not_known(before: str) -> None:
    nest = nest_of(f"int g; void h(void); void f(int p, int q) {{ {before} {LOOPS} }}")
    assert not any(each.is_parallel for each in analyze_nest(nest).loops)


def test_an_array_declared_in_a_loop_has_a_new_length_in_each_iteration() -> None:
    code = f"void f(int n, int q) {{ for (int m = 1; m < q; m++) {{ double b[n][m]; {LOOPS} }} }}"
    assert all(each.is_parallel for each in analyze_nest(nest_of(code)).loops)


def test_a_bound_in_a_declared_array_can_be_guarded() -> None:
    code = """
        static int grid[3]; static double u[20][20];
        void f(void) { for (int i = 0; i < grid[0]; i++) for (int j = 0; j < grid[1]; j++) u[i][j] = 1; }
    """
    nest = nest_of(code)
    assert guards_of(nest) == ["(grid[1]) <= 20"]
    assert all(each.is_parallel for each in analyze_nest(nest).loops)


@pytest.mark.parametrize("bound", ["grid[3]", "grid[-1]", "far[1]", "grid[k]"])
def test_a_bound_whose_reading_may_fail_is_in_no_guard(bound: str) -> None:
    code = f"""
        static int grid[3]; static double u[20][20];
        void f(int *far, int k) {{ for (int i = 0; i < 20; i++) for (int j = 0; j < {bound}; j++) u[i][j] = 1; }}
    """
    nest = nest_of(code)
    assert not guards_of(nest)
    assert not analyze_nest(nest).loops[0].is_parallel


def test_the_part_of_an_array_that_many_statements_touch_is_guarded() -> None:
    code = """
        void f(int n, int m, int p, double a[40][40], double b[40][40]) {
          for (int i = 0; i < 40; i++) {
            for (int j = 0; j < n; j++) { a[j][i] = 1; b[j][i] = 2; }
            for (int j = n; j < m; j++) a[j][i] = 3;
            for (int j = m; j < p; j++) a[j][i] = 4;
          }
        }
    """
    legality = analyze_nest(nest_of(code)).loops[0].legality
    guards = [each.guard for each in legality.assumptions if each.variables]
    assert len(guards) == 1
    assert all(end in guards[0] for end in ("a + n", "a + m", "a + p", "b + n"))
