"""The walk: statements, conditions, helpers, schedules, liveness."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

import pytest

from snippets import access_of, function_of, nest_of, refusals_of, relates, same_set


def test_the_example_of_the_contract() -> None:
    nest = nest_of("void f(int n, double *a, const double *b){ for (int i = 1; i < n; i++) a[i] = a[i-1] + b[i]; }")
    assert nest.id == "f:1"
    assert nest.function == "f"
    loop, statement = nest.loops[0], nest.statements[0]
    assert (loop.name, loop.parent, loop.depth, loop.step, loop.lower, loop.upper) == ("i", None, 0, "1", "1", "n")
    assert (loop.trip_count, loop.is_canonical) == ("n - 1", True)
    assert same_set(nest.context, "[n] -> { : }")
    assert same_set(statement.domain, "[n] -> { S0[i] : 1 <= i < n }")
    assert statement.schedule == "[n] -> { S0[i] -> [0, i, 0] }"
    assert relates(statement, access_of(statement, "a", "read"), "[n] -> { S0[i] -> a[i - 1] }")
    assert relates(statement, access_of(statement, "b", "read"), "[n] -> { S0[i] -> b[i] }")
    assert relates(statement, access_of(statement, "a", "write"), "[n] -> { S0[i] -> a[i] }")
    assert not nest.assumptions


def test_schedules_are_padded_to_one_length() -> None:
    code = """void f(int n, double *a) { for (int i = 0; i < n; i++) {
        a[i] = 0; for (int j = 0; j < n; j++) a[i] += j; a[i] *= 2; } }"""
    nest = nest_of(code)
    assert [statement.schedule.split("-> ")[-1] for statement in nest.statements] == [
        "[0, i, 0, 0, 0] }", "[0, i, 1, j, 0] }", "[0, i, 2, 0, 0] }",
    ]  # fmt: skip
    assert nest.loops[0].perfect_child is None


@pytest.mark.parametrize(
    ("condition", "domain"),
    [
        ("i > 3", "i > 3"),
        ("i == j || i > 7", "i = j or i > 7"),
        ("!(i < j && j < 5)", "i >= j or j >= 5"),
        ("i != j", "i != j"),
        ("i % 2 == 0", "i mod 2 = 0"),
        ("i % 2", "i mod 2 = 1"),
        ("!(i & 1)", "i mod 2 = 0"),
        ("i < j ? j < 5 : i < 5", "(i < j and j < 5) or (i >= j and i < 5)"),
        ("n > 10", "n > 10"),
        ("(i < n - 1) == 1", "i < n - 1"),
        ("__builtin_expect(i > 3, 0)", "i > 3"),
    ],
)
def test_affine_conditions_narrow_the_domain(condition: str, domain: str) -> None:
    code = f"void f(int n, double *a) {{ for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) if ({condition}) a[i] = j; }}"
    statement = nest_of(code).statements[0]
    assert statement.exact
    assert same_set(statement.domain, f"[n] -> {{ S0[i, j] : 0 <= i < n and 0 <= j < n and ({domain}) }}")


def test_the_other_branch_has_the_opposite_condition() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) if (i < 5 && n > 7) a[i] = 1; else a[i] = 2; }"
    domain = "[n] -> { S1[i] : 0 <= i < n and not (i < 5 and n > 7) }"
    assert same_set(nest_of(code).statements[1].domain, domain)


def test_a_condition_that_is_affine_in_part_keeps_that_part() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) if (i > 3 && a[i] > 0) a[i] = 1; else a[i] = 2; }"
    condition, then, otherwise = nest_of(code).statements
    assert condition.update is None
    assert same_set(then.domain, "[n] -> { S1[i] : 3 < i < n }")
    assert same_set(otherwise.domain, "[n] -> { S2[i] : 0 <= i < n }")
    assert not then.exact
    assert not otherwise.exact
    assert relates(condition, access_of(condition, "a", "read"), "[n] -> { S0[i] -> a[i] : i > 3 }")


def test_a_condition_fixed_in_the_nest_is_a_parameter() -> None:
    code = "void f(int n, int mode, double *a) { for (int i = 0; i < n; i++) if (mode * mode == 4) a[i] = 1; else a[i] = 2; }"
    first, second = nest_of(code).statements
    assert first.exact
    assert second.exact


def test_conditional_reads_happen_under_their_condition() -> None:
    code = "void f(int n, double *a, double *b) { for (int i = 0; i < n; i++) b[i] = i > 0 ? a[i - 1] : 0; }"
    statement = nest_of(code).statements[0]
    read = access_of(statement, "a", "read")
    assert read.exact
    assert relates(statement, read, "[n] -> { S0[i] -> a[i - 1] : i > 0 }")


def test_nested_assignments_and_increments_are_all_seen() -> None:
    code = "void f(int n, int *a, int *b) { for (int i = 0; i < n; i++) a[i] = b[i] = a[i + 1]++; }"
    statement = nest_of(code).statements[0]
    kinds = sorted((access.variable, access.kind.value) for access in statement.accesses)
    assert kinds == [("a", "read"), ("a", "write"), ("a", "write"), ("b", "write")]


def test_switch_cases_may_or_may_not_run() -> None:
    code = """void f(int n, int *a) { for (int i = 0; i < n; i++) {
        switch (a[i]) { case 1: a[i] = 2; break; case 2: { a[i] = 3; continue; } default: break; } a[i] += 1; } }"""
    nest = nest_of(code)
    assert not nest.loops[0].blockers
    assert [statement.exact for statement in nest.statements] == [True, False, False, False]


def test_declarations_inside_a_loop_belong_to_it() -> None:
    code = """void f(int n, double *a) { for (int i = 0; i < n; i++) { double t = a[i], buffer[4];
        for (int j = 0; j < 4; j++) { double u = t; buffer[j] = u; } a[i] = buffer[0]; } }"""
    nest = nest_of(code)
    assert [nest.variable(name).scope for name in ("t", "buffer", "u")] == ["i", "i", "j"]
    assert not nest.variable("t").live_out
    assert not nest.variable("t").live_in


def test_two_variables_of_one_name_are_told_apart() -> None:
    code = """void f(int n, double *a) { for (int i = 0; i < n; i++) {
        { double t = a[i]; a[i] = t; } { double t = 2; a[i] += t; } } }"""
    assert {"t", "t_2"} <= {variable.name for variable in nest_of(code).variables}


def test_an_initialized_array_is_written_whole() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) { double t[3] = {0}; a[i] = t[1]; } }"
    statement = nest_of(code).statements[0]
    write = access_of(statement, "t", "write")
    assert write.exact
    assert relates(statement, write, "[n] -> { S0[i] -> t[o] : 0 <= o < 3 }")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("return t;", (True, True)),
        ("t = 1; return t;", (False, False)),
        ("if (n) t = 2; return t;", (True, True)),
        ("if (n) t = 2; else t = 3; return t;", (False, False)),
        ("for (t = 0; t < 3; t++) ; return t;", (False, False)),
        ("while (n--) t = 3; return t;", (True, True)),
        ("do t = 3; while (n--); return t;", (False, False)),
        ("int *p = &t; return *p;", (True, True)),
        ("goto end; end: return 0;", (True, True)),
        ("return 0;", (False, False)),
        ("if (n) return 0; return t;", (True, True)),
        ("switch (n) { case 1: t = 1; } return t;", (True, True)),
        ("n && (t = 3); return t;", (True, True)),
    ],
)
def test_a_scalar_is_live_behind_the_nest_if_it_may_be_read(after: str, expected: tuple[bool, bool]) -> None:
    code = f"int f(int n, int *a) {{ int t = 5; for (int i = 0; i < n; i++) {{ t = a[i]; a[i] = t; }} {after} }}"
    variable = nest_of(code).variable("t")
    assert (variable.live_out, variable.live_in) == expected


def test_a_scalar_read_before_it_is_written_is_live_into_the_nest() -> None:
    code = "void f(int n, int *a) { int t = 5; for (int i = 0; i < n; i++) { a[i] = t; t = a[i]; } }"
    variable = nest_of(code).variable("t")
    assert (variable.live_out, variable.live_in) == (False, True)


def test_the_back_edge_of_an_outer_loop_keeps_a_scalar_alive() -> None:
    code = """void f(int n, int *a) { int t = 5; while (n--) { a[0] = t;
        for (int i = 0; i < n; i++) { t = a[i]; a[i] = t; } } }"""
    assert nest_of(code).variable("t").live_out
    killed = code.replace("a[0] = t;", "t = 1;")
    assert not nest_of(killed).variable("t").live_out


@pytest.mark.parametrize(
    "body",
    [
        "{nest} if (a[0]) break; t = 1;",
        "if (a[1]) {{ {nest} if (a[0]) break; t = 1; }} t = 2;",
        "switch (a[1]) {{ case 1: {nest} if (a[0]) break; t = 1; return 0; }} ",
        "{nest} if (a[0]) continue; t = 1;",
    ],
)
def test_a_jump_carries_a_scalar_past_what_would_set_it(body: str) -> None:
    nest = "for (int i = 0; i < n; i++) { t = a[i]; a[i] = t; }"
    code = f"int f(int n, int *a) {{ int t = 5; while (n--) {{ {body.format(nest=nest)} }} return t; }}"
    assert nest_of(code).variable("t").live_out


def test_globals_are_always_live() -> None:
    nest = nest_of("int t; static int s; void f(int n, int *a) { for (int i = 0; i < n; i++) { t = 1; s = 2; } }")
    assert nest.variable("t").live_out
    assert nest.variable("s").live_in


def test_an_iterator_read_outside_its_loop_is_written_by_the_header() -> None:
    code = (
        "void f(int n, int *a) { int j; for (int i = 0; i < n; i++) { for (j = 0; j < n; j++) a[j] = i; a[i] = j; } }"
    )
    nest = nest_of(code)
    writers = [
        statement.loops
        for statement in nest.statements
        for each in statement.accesses
        if each.variable == "j" and each.kind.value == "write"
    ]
    assert writers == [("i",), ("i", "j")]


HELPERS = """
    double sqrt(double); double fmax(double, double); int printf(const char *, ...); double other(double);
    static double scale(double x) { return 2 * x; }
    static void clear(double *p, int k) { for (int q = 0; q < k; q++) p[q] = 0; }
    static double first(const double *p, int k) { for (int q = 0; q < k; q++) if (p[q] > 0) return p[q]; return 0; }
    static int count; static void note(void) { count++; }
    static int depth(int x) { return x ? depth(x - 1) : 0; }
    static void bump(int *x) { *x += 1; }
"""


def test_mathematical_functions_touch_no_memory() -> None:
    nest = nest_of(
        f"{HELPERS} void f(int n, double *a) {{ for (int i = 0; i < n; i++) a[i] = sqrt(a[i]) + fmax(1, 2); }}"
    )
    assert {access.variable for access in nest.statements[0].accesses} == {"a"}


def test_a_helper_is_looked_into() -> None:
    nest = nest_of(
        f"{HELPERS} void f(int n, double *a) {{ for (int i = 0; i < n; i++) {{ clear(a + i * n, n); note(); }} }}"
    )
    assert [(loop.name, loop.is_inlined) for loop in nest.loops] == [("i", False), ("q", True)]
    write = access_of(nest.statements[0], "a", "write")
    assert write.exact
    assert relates(nest.statements[0], write, "[n] -> { S0[i, q] -> a[i, q] }")
    assert nest.variable("count").storage.value == "global"
    assert nest.statements[1].update is not None


def test_an_early_return_in_a_helper_leaves_only_its_own_loops() -> None:
    nest = nest_of(
        f"{HELPERS} void f(int n, double *a) {{ for (int i = 0; i < n; i++) a[i * n] = first(a + i * n, n); }}"
    )
    assert not nest.loops[0].blockers
    assert [blocker.code.name for blocker in nest.loops[1].blockers] == ["EARLY_EXIT"]
    assert nest.statements[-1].exact


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('printf("%g", a[i]);', "UNKNOWN_CALL"),
        ("a[i] = other(a[i]);", "UNKNOWN_CALL"),
        ("a[i] = depth(i);", "RECURSION"),
        ("a[i] = v;", "VOLATILE"),
        ("x: a[i] = 0; if (a[i]) goto x;", "GOTO"),
        ('__asm__("nop");', "UNKNOWN_CONSTRUCT"),
        ("a[i] = (struct { int k; }){ 3 }.k;", "UNKNOWN_CONSTRUCT"),
        ("a[i] = ({ 3; });", "UNKNOWN_CONSTRUCT"),
        ("*a++ = i;", "POINTER_REASSIGNED"),
        ("h(a);", "UNKNOWN_CALL"),
    ],
)
def test_what_cannot_be_analysed_is_named_and_other_loops_go_on(body: str, code: str) -> None:
    text = f"""{HELPERS} volatile int v; void (*h)(double *);
        void f(int n, double *a) {{ for (int i = 0; i < n; i++) {{ {body}
        for (int j = 0; j < n; j++) a[j] = j; }} for (int k = 0; k < n; k++) a[k] = 0; }}"""
    assert refusals_of(text) == [code]
    assert len(function_of(text).nests) == 2


def test_an_argument_changed_through_its_address_has_no_value() -> None:
    code = f"{HELPERS} void f(int n, int *a) {{ int k = 0; for (int i = 0; i < n; i++) {{ bump(&k); a[k] = 1; }} }}"
    nest = nest_of(code)
    assert not access_of(nest.statements[-1], "a", "write").exact
    assert {access.variable for access in nest.statements[0].accesses} == {"k"}


def test_a_loop_that_does_nothing_is_no_nest() -> None:
    assert refusals_of("void f(int n) { for (int i = 0; i < n; i++) ; }") == ["UNKNOWN_CONSTRUCT"]
