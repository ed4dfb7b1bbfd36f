"""Accesses: arrays, pointers, records, row pointers, delinearization, indirect subscripts."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

import pytest

from snippets import access_of, function_of, guards_of, nest_of, relates


def two_loops(body: str, parameters: str, before: str = "") -> str:
    return f"""{before}
        void f({parameters}) {{ for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) {{ {body} }} }}"""


@pytest.mark.parametrize(
    ("body", "parameters", "element"),
    [
        ("a[i * m + j] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("a[j + m * i] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("a[(i + 1) * m + j] = 0;", "int n, int m, double *a", "a[i + 1, j]"),
        ("*(a + i * m + j) = 0;", "int n, int m, double *a", "a[i, j]"),
        ("(&a[i * m])[j] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("double *row = a + i * m; row[j] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("a[IDX(i, j)] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("at(a, m, i, j); a[i * m + j] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("*where(a, m, i, j) = 0;", "int n, int m, double *a", "a[i, j]"),
        ("a[index(m, i, j)] = 0;", "int n, int m, double *a", "a[i, j]"),
        ("a[i][j] = 0;", "int n, int m, double (*a)[m]", "a[i, j]"),
        ("a[i][j] = 0;", "int n, int m, double a[n][m]", "a[i, j]"),
        ("a[n - 1 - i][m - 1 - j] = 0;", "int n, int m, double a[n][m]", "a[n - 1 - i, m - 1 - j]"),
        ("*a[i] = 0;", "int n, int m, double a[n][m]", "a[i, 0]"),
        ("(*(a + i))[j] = 0;", "int n, int m, double a[n][m]", "a[i, j]"),
        ("j[a] = 0;", "int n, int m, double *a", "a[j]"),
        ("a[3 * (i * m + j) + 1] = 0;", "int n, int m, double *a", "a[i, 3j + 1]"),
    ],
)
def test_subscripts(body: str, parameters: str, element: str) -> None:
    before = """
        #define IDX(x, y) ((x) * m + (y))
        static double at(const double *p, int w, int x, int y) { return p[x * w + y]; }
        static double *where(double *p, int w, int x, int y) { return &p[x * w + y]; }
        static int index(int w, int x, int y) { return x * w + y; }"""
    nest = nest_of(two_loops(body, parameters, before))
    statement = nest.statements[-1]
    access = access_of(statement, "a", "write")
    assert access.exact, access.reason
    assert not nest.assumptions
    expected = f"[n, m] -> {{ {statement.name}[i, j] -> {element} }}"
    assert relates(statement, access, expected), access.relation


def test_three_dimensions_are_recovered_from_one_subscript() -> None:
    code = """void f(int n, int m, int l, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++)
        for (int k = 0; k < l; k++) a[(i * m + j) * l + k] = 0; }"""
    nest = nest_of(code)
    access = access_of(nest.statements[0], "a", "write")
    assert access.exact
    assert relates(nest.statements[0], access, "[n, m, l] -> { S0[i, j, k] -> a[i, j, k] }")
    variable = nest.variable("a")
    assert variable.rank == 3
    assert variable.extents == ("", "m", "l")
    assert variable.strides[-1] == "1"
    assert variable.strides[1] == "l"
    assert not nest.assumptions


def test_an_inner_subscript_that_may_leave_its_row_is_guarded() -> None:
    code = "void f(int n, int m, int w, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i*w + j] = 0; }"
    nest = nest_of(code)
    assert access_of(nest.statements[0], "a", "write").exact
    assert guards_of(nest) == ["(long long)w >= (long long)m"]
    assert nest.assumptions[0].kind.value == "subscript-bounds"
    assert nest.variable("a").strides == ("w", "1")


def test_an_inner_subscript_that_always_leaves_its_row_is_not_exact() -> None:
    code = "void f(int n, int m, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i*m + j + m + 1] = 0; }"
    nest = nest_of(code)
    access = access_of(nest.statements[0], "a", "write")
    assert not access.exact
    assert access.code is not None
    assert access.code.name == "SUBSCRIPT_BOUNDS"
    shifted = "void f(int n, int m, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i*m + j + m] = 0; }"
    assert relates(
        nest_of(shifted).statements[0],
        access_of(nest_of(shifted).statements[0], "a", "write"),
        "[n, m] -> { S0[i, j] -> a[i + 1, j] }",
    )


@pytest.mark.parametrize(
    ("subscript", "element", "guards"),
    [
        ("i * n + n - 1", "a[i, n - 1]", []),
        ("i * n + n - 2", "a[i, n - 2]", ["n >= 2"]),
        ("(i + 1) * n - 1", "a[i, n - 1]", []),
        ("(n - 1) * n + i", "a[n - 1, i]", []),
    ],
)
def test_terms_that_belong_to_the_row_and_not_to_the_next(subscript: str, element: str, guards: list[str]) -> None:
    nest = nest_of(f"void f(int n, double *a) {{ for (int i = 0; i < n; i++) a[{subscript}] = 0; }}")
    assert relates(nest.statements[0], nest.statements[0].accesses[0], f"[n] -> {{ S0[i] -> {element} }}")
    assert guards_of(nest) == guards


def test_a_declared_row_length_needs_a_guard_where_the_bounds_do_not_show_it() -> None:
    nest = nest_of(
        "double a[100][64]; void f(int n, int m) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = 0; }"
    )
    assert guards_of(nest) == ["m <= 64"]
    assert nest.variable("a").extents == ("100", "64")


@pytest.mark.parametrize(
    ("upper", "guard"),
    [
        ("n < m ? n : m", "(n <= 64) || (m <= 64)"),
        ("n < m ? (n < k ? n : k) : (m < k ? m : k)", "(m <= 64) || (k <= 64)"),
        ("n < m ? m : n", "m <= 64 && n <= 64"),
        ("2 * i + 30 < m ? 2 * i + 30 : m", "(n <= 18) || (m <= 64)"),
    ],
)
def test_of_a_minimum_one_value_has_to_stay_within_the_row(upper: str, guard: str) -> None:
    nest = nest_of(f"""double a[100][64]; void f(int n, int m, int k) {{
        for (int i = 0; i < n; i++) for (int j = 0; j < ({upper}); j++) a[i][j] = 0; }}""")
    assert access_of(nest.statements[0], "a", "write").exact
    assert guards_of(nest) == [guard]


def test_a_short_guard_that_would_hold_less_often_does_not_take_the_place_of_the_exact_one() -> None:
    nest = nest_of("""double a[100][64]; void f(int n, int m) { for (int i = 0; i <= (n - 1) / 32; i++)
        for (int j = 32 * i; j <= (32 * i + 31 < m - 1 ? 32 * i + 31 : m - 1); j++) a[3][j] = 0; }""")
    assert guards_of(nest) == ["(m <= 64) || (m >= 65 && n <= 64)"]


def test_a_guard_that_another_one_on_the_same_array_implies_is_left_out() -> None:
    nest = nest_of("""double a[100][64], b[100][64]; void f(int n, int m) { for (int i = 0; i < n; i++) {
        for (int j = 0; j < (n < m ? n : m); j++) { a[i][j] = 0; b[i][j] = 0; }
        for (int j = 0; j < m; j++) a[i][j] += 1; } }""")
    assert [(item.text.split("'")[1], item.guard) for item in nest.assumptions] == [("a", "m <= 64")]


def test_guards_on_one_array_of_which_none_implies_the_other_all_stay() -> None:
    nest = nest_of("""double a[100][64]; void f(int n, int m) { for (int i = 0; i < 100; i++) {
        for (int j = 0; j < n; j++) a[i][j] = 0;
        for (int j = 0; j < m; j++) a[i][j] += 1; } }""")
    assert guards_of(nest) == ["n <= 64", "m <= 64"]


def test_different_shapes_over_one_array_leave_one_of_them_inexact() -> None:
    code = """void f(int n, int m, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) {
        a[i * m + j] = 0; a[j * n + i] = 1; } }"""
    accesses = [statement.accesses[0] for statement in nest_of(code).statements]
    assert not all(access.exact for access in accesses)


def test_strides_that_multiply_iterators_are_not_affine() -> None:
    code = "void f(int n, int m, double *a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i * j] = 0; }"
    access = nest_of(code).statements[0].accesses[0]
    assert (access.exact, access.code and access.code.name) == (False, "NON_AFFINE_SUBSCRIPT")


def test_butterflies_over_a_symbolic_step_are_two_dimensional() -> None:
    code = """void f(int n, int len, double *a) { for (int i = 0; i < n; i += len) for (int k = 0; k < len / 2; k++) {
        double t = a[i + k + len / 2]; a[i + k + len / 2] = a[i + k] - t; a[i + k] += t; } }"""
    nest = nest_of(code)
    assert guards_of(nest) == ["len >= 1"]
    assert nest.variable("a").strides == ("len", "1")
    high, low = nest.statements[1], nest.statements[2]
    assert relates(high, access_of(high, "a", "write"), "[len] -> { S1[i, k] -> a[i, k + floor(len/2)] }")
    assert relates(low, access_of(low, "a", "write"), "[len] -> { S2[i, k] -> a[i, k] }")


def test_butterflies_with_the_half_in_a_variable_are_guarded() -> None:
    code = """void f(int n, double *a) { for (int len = 2; len <= n; len *= 2) { int half = len / 2;
        for (int i = 0; i < n; i += len) for (int k = 0; k < half; k++) a[i + k + half] = a[i + k]; } }"""
    nest = nest_of(code)
    assert access_of(nest.statements[0], "a", "write").exact
    assert "(long long)len >= 2 * (long long)half" in guards_of(nest)


def test_indirect_subscripts_touch_the_whole_array() -> None:
    nest = nest_of("void f(int n, const int *col, double *x) { for (int k = 0; k < n; k++) x[col[k]] += 1; }")
    access = access_of(nest.statements[0], "x", "write")
    assert (access.exact, access.code and access.code.name) == (False, "INDIRECT_SUBSCRIPT")
    assert access.index_variables == ("col",)
    assert relates(nest.statements[0], access, "[n] -> { S0[k] -> x[o] }")
    assert access_of(nest.statements[0], "col", "read").exact


def test_an_index_held_in_a_local_is_still_indirect() -> None:
    code = "void f(int n, const int *col, double *x) { for (int k = 0; k < n; k++) { int c = col[k]; x[c] = 1; } }"
    access = access_of(nest_of(code).statements[1], "x", "write")
    assert not access.exact
    assert access.index_variables == ("c",)


RECORDS = """
    typedef struct { double x, y; double v[3]; struct { int k; } in; } P;
    struct grid { int n; double *a; double fixed[8][8]; P *parts; };"""


@pytest.mark.parametrize(
    ("body", "parameters", "name", "relation"),
    [
        ("p[i].x = 0;", "int n, P *p", "p.x", "p_x[i]"),
        ("p[i].v[2] = 0;", "int n, P *p", "p.v", "p_v[i, 2]"),
        ("p[i].in.k = 0;", "int n, P *p", "p.in.k", "p_in_k[i]"),
        ("p->y = i;", "int n, P *p", "p.y", "p_y[0]"),
        ("(*(p + i)).y = i;", "int n, P *p", "p.y", "p_y[i]"),
        ("g->a[i] = 0;", "int n, struct grid *g", "g->a", "g__a[i]"),
        ("g->fixed[1][i % 8] = 0;", "int n, struct grid *g", "g.fixed", "g_fixed[0, 1, i mod 8]"),
        ("g->parts[i].x = 0;", "int n, struct grid *g", "g->parts.x", "g__parts_x[i]"),
        ("g.a[i] = 0;", "int n, struct grid g", "g.a", "g_a[i]"),
    ],
)
def test_records(body: str, parameters: str, name: str, relation: str) -> None:
    nest = nest_of(f"{RECORDS} void f({parameters}) {{ for (int i = 0; i < n; i++) {{ {body} }} }}")
    access = access_of(nest.statements[0], name, "write")
    assert access.exact, access.reason
    assert relates(nest.statements[0], access, f"[n] -> {{ S0[i] -> {relation} }}"), access.relation


def test_a_record_is_indexed_in_records() -> None:
    nest = nest_of(f"{RECORDS} void f(int n, P *p) {{ for (int i = 0; i < n; i++) p[i].x = p[i].y; }}")
    for name in ("p.x", "p.y"):
        variable = nest.variable(name)
        assert (variable.base, variable.base_element_size_bytes, variable.element.size_bytes) == ("p", 48, 8)
        assert variable.is_pointer


def test_copying_a_record_touches_each_field() -> None:
    nest = nest_of(f"{RECORDS} void f(int n, P *p, P *q) {{ for (int i = 0; i < n; i++) p[i] = q[i]; }}")
    written = {access.variable for access in nest.statements[0].accesses if access.kind.value == "write"}
    assert written == {"p.x", "p.y", "p.v", "p.in.k"}
    whole = access_of(nest.statements[0], "p.v", "write")
    assert whole.exact
    assert relates(nest.statements[0], whole, "[n] -> { S0[i] -> p_v[i, o] : 0 <= o < 3 }")


def test_row_pointers_are_never_silently_distinct() -> None:
    nest = nest_of("void f(int n, double **A) { for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) A[i][j] = 0; }")
    statement = nest.statements[0]
    write = access_of(statement, "A[]", "write")
    assert (write.exact, write.code and write.code.name) == (False, "ROW_POINTERS")
    assert relates(statement, write, "[n] -> { S0[i, j] -> A__[r, c] }")
    assert relates(statement, access_of(statement, "A", "read"), "[n] -> { S0[i, j] -> A[i] }")
    assert nest.variable("A[]").base == ""


def test_one_fixed_row_is_an_ordinary_array() -> None:
    nest = nest_of("void f(int n, double **A) { for (int j = 0; j < n; j++) A[3][j] = 0; }")
    access = access_of(nest.statements[0], "A[3]", "write")
    assert access.exact
    assert nest.variable("A[3]").base == "A[3]"


@pytest.mark.parametrize(
    "code",
    [
        "void f(int n, double *a) { for (int i = 0; i < n; i++) ((float *)a)[i] = a[i]; }",
        "union u { int i; float f; }; void f(int n, union u *a) { for (int i = 0; i < n; i++) a[i].i = a[i].f; }",
        "struct b { int p : 3, q : 5; }; void f(int n, struct b *a) { for (int i = 0; i < n; i++) a[i].p = a[i].q; }",
    ],
)
def test_reinterpreted_memory_is_inexact_and_may_overlap_anything(code: str) -> None:
    nest = nest_of(code)
    odd = [access for access in nest.statements[0].accesses if access.variable.endswith("(bytes)")]
    assert odd
    for access in odd:
        assert (access.exact, access.code and access.code.name) == (False, "REINTERPRETED_MEMORY")
        variable = nest.variable(access.variable)
        assert variable.is_pointer
        assert not variable.is_restrict
        assert variable.element.size_bytes == 1


def test_reinterpreted_memory_conflicts_with_the_array_itself() -> None:
    nest = nest_of("void f(int n, double *a) { for (int i = 0; i < n; i++) { ((float *)a)[i] = 0; a[i] = 1; } }")
    whole = access_of(nest.statements[0], "a", "write")
    assert not whole.exact
    assert relates(nest.statements[0], whole, "[n] -> { S0[i] -> a[o] }")


def test_a_pointer_of_unknown_origin_may_overlap_anything() -> None:
    code = (
        "void f(int n, double *a, double *b) { for (int i = 0; i < n; i++) { double *p = i % 2 ? a : b; p[i] = 0; } }"
    )
    nest = nest_of(code)
    write = next(access for access in nest.statements[-1].accesses if access.kind.value == "write")
    assert not write.exact
    assert nest.variable(write.variable).is_pointer


def test_restrict_const_and_storage_are_noted() -> None:
    code = """static double s[9]; double g[9]; void f(int n, double *restrict a, const double *b) {
        static double t[9]; double l[9]; for (int i = 0; i < n; i++) a[i] = b[i] + s[i] + g[i] + t[i] + l[i]; }"""
    nest = nest_of(code)
    assert [nest.variable(name).storage.value for name in "asgtl"] == [
        "parameter",
        "global",
        "global",
        "static",
        "local",
    ]
    assert nest.variable("a").is_restrict
    assert not nest.variable("b").is_restrict
    assert nest.variable("b").is_const
    assert not nest.variable("l").is_pointer
    assert not nest.variable("l").address_taken


def test_an_array_whose_address_is_kept_is_noted() -> None:
    code = """void g(double *); void f(int n, double *a) { double l[9], k[9]; double *p = l; g(k);
        for (int i = 0; i < n; i++) a[i] = l[i] + k[i] + p[i]; }"""
    nest = nest_of(code)
    assert nest.variable("l").address_taken
    assert nest.variable("k").address_taken


def test_restrict_means_nothing_for_pointers_assigned_from_each_other() -> None:
    code = """void f(int n, double *restrict a, double *b) { double *c; c = a;
        for (int i = 0; i < n; i++) a[i] = c[i] + b[i]; }"""
    nest = nest_of(code)
    assert not nest.variable("a").is_restrict
    assert ("a", "c") in nest.pointer_aliases or ("c", "a") in nest.pointer_aliases
    assert ("c", "a") in function_of(code).pointer_aliases


def test_a_global_that_a_store_may_change_is_no_parameter() -> None:
    changed = "int n; void f(int *a) { for (int i = 0; i < n; i++) a[i] = 0; }"
    assert [each.code.name for each in function_of(changed).unsupported] == ["UNCOUNTED_LOOP"]
    other_type = "int n; void f(double *a) { for (int i = 0; i < n; i++) a[i] = 0; }"
    assert [parameter.name for parameter in nest_of(other_type).parameters] == ["n"]
    assert not function_of(other_type, "-fno-strict-aliasing").nests
    hidden = "static int n; void f(int *a) { for (int i = 0; i < n; i++) a[i] = 0; }"
    assert nest_of(hidden).parameters
    char = "int n; void f(char *a) { for (int i = 0; i < n; i++) a[i] = 0; }"
    assert not function_of(char).nests


def test_a_field_that_a_store_may_change_is_no_parameter() -> None:
    before = "struct s { int n, m; int *a; double *d; union { int k; float f; } u; };"
    fixed = nest_of(f"{before} void f(struct s *s) {{ for (int i = 0; i < s->n; i++) s->d[i] = s->m; }}")
    assert [parameter.expression for parameter in fixed.parameters] == ["s->n"]
    for body in ("s->a[i] = 0;", "s->n = 3;", "*s = *t;", "s->u.k = 1;"):
        code = f"{before} void f(struct s *s, struct s *t) {{ for (int i = 0; i < s->n; i++) {{ {body} }} }}"
        assert not function_of(code).nests, body
    other = nest_of(f"{before} void f(struct s *s) {{ for (int i = 0; i < s->n; i++) s->m = 3; }}")
    assert other.parameters


def test_memory_behind_a_pointer_is_fixed_only_if_nothing_of_its_type_is_written() -> None:
    before = "struct s { int n; };"
    assert not function_of(f"{before} void f(int *p, struct s *s) {{ for (int i = 0; i < *p; i++) s->n = i; }}").nests
    assert not function_of("int g; void f(int *p) { for (int i = 0; i < *p; i++) g = i; }").nests
    assert nest_of("void f(int *p, double *a) { for (int i = 0; i < *p; i++) a[i] = i; }").parameters


def test_names_of_a_helper_that_hide_others_are_not_spelt_in_guards() -> None:
    code = """static int n = 9; static double get(const double *a, int i) { return a[i] + n; }
        void f(double *a, double *b, int m) { int n = m; for (int i = 0; i < n; i++) b[i] = get(a, i); }"""
    nest = nest_of(code)
    assert [parameter.expression for parameter in nest.parameters] == ["m"]
    names = {variable.name: variable.base for variable in nest.variables}
    assert names.get("n", "") == ""


def test_a_helper_that_changes_its_parameter_gives_no_stale_value() -> None:
    code = """static void put(double *a, int k) { k++; a[k] = 0; }
        void f(int n, double *a) { for (int i = 0; i < n; i++) put(a, i); }"""
    statement = nest_of(code).statements[-1]
    assert not access_of(statement, "a", "write").exact


def test_array_parameters_are_pointers() -> None:
    nest = nest_of("void f(int n, double a[100], double b[][7]) { for (int i = 0; i < n; i++) a[i] = b[i][3]; }")
    assert nest.variable("a").is_pointer
    assert nest.variable("a").extents == ("",)
    assert nest.variable("b").extents == ("", "7")
    assert nest.variable("b").is_pointer
