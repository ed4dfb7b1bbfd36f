"""Loop headers: domains, bounds, steps, trip counts."""

from __future__ import annotations

import pytest

from loopwright.core.nest import LoopKind
from snippets import function_of, guards_of, nest_of, refusals_of, same_set


def loop_of(header: str, parameters: str = "int n, double *a"):
    return nest_of(f"void f({parameters}) {{ for ({header}) a[i] = 0; }}")


@pytest.mark.parametrize(
    ("header", "domain"),
    [
        ("int i = 0; i < n; i++", "0 <= i < n"),
        ("int i = 0; n > i; ++i", "0 <= i < n"),
        ("int i = 1; i <= n; i += 1", "1 <= i <= n"),
        ("int i = 0; i < n; i = i + 2", "0 <= i < n and i mod 2 = 0"),
        ("int i = 3; i < n; i = 4 + i", "3 <= i < n and (i - 3) mod 4 = 0"),
        ("int i = n - 1; i >= 0; i--", "0 <= i < n"),
        ("int i = n; 0 < i; i -= 3", "0 < i <= n and (n - i) mod 3 = 0"),
        ("int i = 0; i != n; i++", "0 <= i < n"),
        ("int i = n; i != 0; --i", "0 < i <= n"),
        ("int i = 0; i + 1 < n; i++", "0 <= i < n - 1"),
        ("int i = 0; 2 * i < n; i++", "i >= 0 and 2i < n"),
        ("int i = 0; i < n && i < 100; i++", "0 <= i < n and i < 100"),
        ("int i = 0; i < (n < 7 ? n : 7); i++", "0 <= i < n and i < 7"),
        ("int i = n / 2; i < n; i++", "i < n and ((n >= 0 and 2i >= n - 1) or (n < 0 and -2i <= -n))"),
        ("int i = (n > 0) ? 1 : 2; i < n; i++", "i < n and ((n > 0 and i >= 1) or (n <= 0 and i >= 2))"),
    ],
)
def test_the_domain_is_what_the_header_says(header: str, domain: str) -> None:
    nest = loop_of(header)
    assert nest.statements[0].exact
    assert same_set(nest.statements[0].domain, f"[n] -> {{ S0[i] : {domain} }}")


@pytest.mark.parametrize(
    ("header", "lower", "upper", "step", "trip_count"),
    [
        ("int i = 0; i < n; i++", "0", "n", "1", "n"),
        ("int i = 1; i <= n; i++", "1", "n + 1", "1", "n"),
        ("int i = n - 1; i >= 0; i--", "n - 1", "-1", "-1", "n"),
        ("int i = 0; i < n; i += 2", "0", "n", "2", "(n + 1) / 2"),
        ("int i = 1; i < n - 1; i++", "1", "n - 1", "1", "n - 2"),
    ],
)
def test_the_header_is_described_in_c(header: str, lower: str, upper: str, step: str, trip_count: str) -> None:
    loop = loop_of(header).loops[0]
    assert (loop.lower, loop.upper, loop.step, loop.trip_count) == (lower, upper, step, trip_count)
    assert loop.is_canonical
    assert loop.declares_iterator


def test_a_condition_on_an_expression_of_the_iterator_is_not_canonical() -> None:
    assert not loop_of("int i = 0; i + 1 < n; i++").loops[0].is_canonical
    assert not loop_of("int i = 0; i < n && i < 5; i++").loops[0].is_canonical


def test_an_iterator_from_outside_the_loop_is_a_variable() -> None:
    nest = nest_of("int f(int n, double *a) { int i; for (i = 0; i < n; i++) a[i] = 0; return i; }")
    assert not nest.loops[0].declares_iterator
    assert nest.variable("i").live_out
    assert nest.variable("i").scope is None


def test_triangular_bounds_depend_on_outer_iterators() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) for (int j = i + 1; j < n; j++) a[i*n + j] = 0; }"
    nest = nest_of(code)
    assert same_set(nest.statements[0].domain, "[n] -> { S0[i, j] : 0 <= i < n and i < j < n }")
    assert nest.loops[1].trip_count == ""
    assert nest.loops[1].lower == "i + 1"
    assert nest.loops[0].perfect_child == "j"


def test_a_descending_dimension_is_negated_in_the_schedule() -> None:
    nest = nest_of("void f(int n, double *a) { for (int i = n; i > 0; i--) for (int j = 0; j < 3; j++) a[i] += j; }")
    assert nest.statements[0].schedule.endswith("[0, -i, 0, j, 0] }")


def test_a_second_loop_over_one_iterator_gets_its_own_name() -> None:
    code = """void f(int n, double *a) { for (int t = 0; t < n; t++) {
        for (int i = 0; i < n; i++) a[i] = t;
        for (int i = 0; i < n; i++) a[i] += 1; } }"""
    assert [loop.name for loop in nest_of(code).loops] == ["t", "i", "i_2"]
    assert [loop.iterator for loop in nest_of(code).loops] == ["t", "i", "i"]


def test_a_symbolic_step_counts_iterations_and_assumes_a_positive_step() -> None:
    nest = nest_of("void f(int n, int s, double *a) { for (int i = 0; i < n; i += s) a[i] = 0; }")
    assert guards_of(nest) == ["s >= 1"]
    assert nest.loops[0].step == "s"
    opaque = next(each.name for each in nest.parameters if "/" in each.expression)
    assert same_set(nest.statements[0].domain, f"[{opaque}] -> {{ S0[i] : 0 <= i < {opaque} }}")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("void f(int n, double *a) { while (n > 0) { a[n] = 0; n--; } }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { do { a[n] = 0; n--; } while (n); }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (;;) { a[n]++; if (!--n) break; } }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (int i = 1; i < n; i *= 2) a[i] = 0; }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (int i = 0; i < n; i++) { a[i] = 0; n--; } }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (int i = 0; i < n; i++) { a[i] = 0; i++; } }", "ITERATOR_WRITTEN"),
        ("void g(int *); void f(int n, double *a) { for (double x = 0; x < n; x += 1) a[0] += x; }", "FLOAT_ITERATOR"),
        ("void f(int n, double *a) { for (int i = n; i < n; i--) a[i] = 0; }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (int i = 0; i == n; i++) a[i] = 0; }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (int i = 0, j = 0; i < n; i++, j++) a[j] = 0; }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (int i = 0; i != n; i += 2) a[i] = 0; }", "UNCOUNTED_LOOP"),
        ("void f(int n, double *a) { for (double *p = a; p < a + n; p++) *p = 0; }", "POINTER_REASSIGNED"),
        (
            "void f(int n, int *a) { int i; int *p = &i; for (i = 0; i < n; i++) { a[i] = 0; *p = 3; } }",
            "ITERATOR_WRITTEN",
        ),
    ],
)
def test_a_loop_that_is_not_counted_cannot_be_a_root(code: str, expected: str) -> None:
    assert refusals_of(code) == [expected]


def test_the_walk_descends_into_a_loop_that_cannot_be_a_root() -> None:
    code = "void f(int n, double *a) { while (n > 1) { for (int i = 0; i < n; i++) a[i] = 0; n /= 2; } }"
    function = function_of(code)
    assert [each.code.name for each in function.unsupported] == ["UNCOUNTED_LOOP"]
    assert same_set(function.nests[0].statements[0].domain, "[n] -> { S0[i] : 0 <= i < n }")


def test_an_uncounted_loop_inside_a_nest_has_a_dimension_of_its_own() -> None:
    code = "void f(int n, int *a) { for (int i = 0; i < n; i++) { while (a[i] > 0) a[i] /= 2; a[i] = 1; } }"
    nest = nest_of(code)
    assert [loop.kind for loop in nest.loops] == [LoopKind.COUNTED, LoopKind.UNCOUNTED]
    assert nest.loops[1].blockers[0].code.name == "UNCOUNTED_LOOP"
    inner = nest.inside(nest.loops[1].name)
    assert inner
    assert not any(statement.exact for statement in inner)
    assert nest.statements[-1].exact


def test_bounds_from_memory_leave_the_loop_counted_and_the_domain_open() -> None:
    code = """void f(int n, const int *row, double *v) {
        for (int i = 0; i < n; i++) for (int k = row[i]; k < row[i + 1]; k++) v[k] *= 2; }"""
    nest = nest_of(code)
    loop = nest.loops[1]
    assert loop.kind is LoopKind.COUNTED
    assert loop.is_canonical
    assert (loop.lower, loop.trip_count) == ("row[i]", "")
    update = nest.statements[-1]
    assert not update.exact
    assert update.code is not None
    assert update.code.name == "NON_AFFINE_BOUND"
    assert same_set(update.domain, "[n] -> { S2[i, k] : 0 <= i < n }")
    assert {access.variable for statement in nest.statements[:2] for access in statement.accesses} == {"row"}


def test_a_bound_that_the_loop_changes_makes_it_uncounted() -> None:
    code = """void f(int n, int *row) {
        for (int i = 0; i < n; i++) for (int k = 0; k < row[i]; k++) row[k] = 2; }"""
    assert nest_of(code).loops[1].kind is LoopKind.UNCOUNTED


def test_break_blocks_the_loop_it_leaves_and_nothing_else() -> None:
    code = """void f(int n, double *a) { for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) { if (a[j] < 0) break; a[j] = 1; } a[i] = 2; } }"""
    outer, inner = nest_of(code).loops
    assert not outer.blockers
    assert [blocker.code.name for blocker in inner.blockers] == ["EARLY_EXIT"]
    nest = nest_of(code)
    assert [statement.exact for statement in nest.statements] == [False, False, True]


def test_return_blocks_all_the_loops_it_leaves() -> None:
    code = """int f(int n, double *a) { for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) { if (a[j] < 0) return j; a[j] = 1; } return 0; }"""
    nest = nest_of(code)
    assert all([blocker.code.name for blocker in loop.blockers] == ["EARLY_EXIT"] for loop in nest.loops)
    assert not any(statement.exact for statement in nest.statements)


def test_an_affine_continue_is_a_condition_on_what_follows() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) { if (i == 3) continue; a[i] = 0; } }"
    statement = nest_of(code).statements[-1]
    assert statement.exact
    assert same_set(statement.domain, "[n] -> { S0[i] : 0 <= i < n and i != 3 }")


def test_a_continue_on_data_makes_what_follows_inexact() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) { if (a[i] < 3) continue; a[i] = 0; } }"
    condition, assignment = nest_of(code).statements
    assert condition.exact
    assert not assignment.exact
    assert assignment.conditions == ("!c0",)


def test_what_stands_in_both_branches_is_named_by_its_condition() -> None:
    code = """void f(int n, double *a) { for (int i = 0; i < n; i++) {
        if (a[i] < 3) a[i] = 0; else { a[i] = 1; if (a[i] > 2) a[i] = 5; else a[i] = 6; } } }"""
    statements = nest_of(code).statements
    assert [statement.conditions for statement in statements] == [
        (), ("c0",), ("!c0",), ("!c0",), ("!c0", "c1"), ("!c0", "!c1"),
    ]  # fmt: skip


def test_a_loop_with_a_directive_is_left_alone() -> None:
    code = """void f(int n, double *a) {
        #pragma omp parallel for
        for (int i = 0; i < n; i++) a[i] = 0;
        for (int i = 0; i < n; i++) a[i] = 1; }"""
    function = function_of(code)
    assert [each.code.name for each in function.unsupported] == ["ALREADY_PARALLEL"]
    assert len(function.nests) == 1
    with_openmp = function_of(code, "-fopenmp")
    assert [each.code.name for each in with_openmp.unsupported] == ["ALREADY_PARALLEL"]
    assert len(with_openmp.nests) == 1


@pytest.mark.parametrize(("start", "codes"), [("-1", ["UNSIGNED_WRAP"]), ("1", [])])
def test_a_start_that_no_guard_can_compute_with_is_not_counted(start: str, codes: list[str]) -> None:
    code = f"void f(unsigned long n, double *a) {{ for (unsigned long j = {start}; j < n; j++) a[j] = 1; }}"
    assert refusals_of(code) == codes
