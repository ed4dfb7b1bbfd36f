"""Functions as the harness sees them: parameters, globals, straight-line accesses."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

from loopwright.core.function import ParameterShape
from snippets import function_of, unit_of

TYPES = """
    typedef struct { int n; double *data; float fixed[2][3]; double **rows; struct inner *next; } grid;
    struct file; typedef double real;
"""


def shapes(parameters: str) -> list[ParameterShape]:
    return [each.shape for each in function_of(f"{TYPES} void f({parameters}) {{ }}").parameters]


def test_shapes_of_parameters() -> None:
    assert shapes("int a, unsigned long b, _Bool c, real d, float e") == [
        ParameterShape.INTEGER, ParameterShape.INTEGER, ParameterShape.INTEGER, ParameterShape.REAL, ParameterShape.REAL,
    ]  # fmt: skip
    assert shapes("real *a, const int b[], double c[][4], int d, float (*e)[d][3]") == [
        ParameterShape.ARRAY, ParameterShape.ARRAY, ParameterShape.ARRAY, ParameterShape.INTEGER, ParameterShape.ARRAY,
    ]  # fmt: skip
    assert shapes("double **a, double *b[], grid *c, const grid *d") == [
        ParameterShape.ROWS, ParameterShape.ROWS, ParameterShape.RECORD, ParameterShape.RECORD,
    ]  # fmt: skip
    assert shapes("void *a, void (*b)(int), struct file *c, grid d, double ***e") == [ParameterShape.OPAQUE] * 5


def test_parameters_are_described() -> None:
    code = f"{TYPES} void f(int n, int m, const real a[n][m + 1][3], grid *g) {{ }}"
    n, _, array, record = function_of(code).parameters
    assert (n.name, n.c_type, n.element.spelling) == ("n", "int", "int")
    assert array.element.spelling == "double"
    assert array.is_const
    assert array.inner_extents == ("m + 1", "3")
    assert record.element.size_bytes == 56
    assert not record.is_const
    fields = {field.name: (field.shape, field.fixed_extents) for field in record.fields}
    assert fields == {
        "n": (ParameterShape.INTEGER, ()),
        "data": (ParameterShape.ARRAY, ()),
        "fixed": (ParameterShape.ARRAY, (2, 3)),
        "rows": (ParameterShape.ROWS, ()),
        "next": (ParameterShape.OPAQUE, ()),
    }


def test_results() -> None:
    unit = unit_of("void f(void) { } double g(void) { return 1; } int *h(void) { return 0; }")
    assert [function.return_type for function in unit.functions] == ["void", "double", "int *"]
    assert [each.return_element is not None for each in unit.functions] == [False, True, False]


def test_globals_are_found_through_helpers() -> None:
    code = """double table[8][4]; static int count; static double *where; int unused;
        static int next(void) { static int seed = 3; return seed++ + count; }
        void f(int n) { for (int i = 0; i < n; i++) table[i][0] = next() + where[i]; }"""
    found = {variable.name: variable for variable in function_of(code).globals}
    assert set(found) == {"table", "count", "where", "seed"}
    assert found["table"].extents == ("8", "4")
    assert found["where"].is_pointer
    assert found["seed"].storage.value == "static"
    assert found["table"].storage.value == "global"


def test_memory_outside_the_nests_is_noted() -> None:
    code = """int printf(const char *, ...);
        void f(int n, double *a) { a[n - 1] = 3; for (int i = 0; i < n; i++) a[i] = 0; printf("%g", a[7]); }"""
    function = function_of(code)
    relations = [access.relation.split("-> ")[-1] for each in function.straight_line for access in each.accesses]
    assert relations == ["a[n - 1] }", "a[7] }"]
    assert all(statement.loops == () for statement in function.straight_line)


def test_pointers_assigned_from_each_other() -> None:
    code = """struct s { double *p; };
        void f(int n, double *a, double *b, struct s *s) { double *t = a + n, *u; u = &b[3]; double *v = s->p;
        for (int i = 0; i < n; i++) a[i] = t[i] + u[i] + v[i]; }"""
    assert set(function_of(code).pointer_aliases) == {("t", "a"), ("u", "b"), ("v", "s->p")}


def test_calls_are_named() -> None:
    code = "void g(void); void h(void) { g(); } void f(void (*p)(void)) { h(); g(); p(); }"
    assert set(function_of(code).calls) == {"h", "g", "a function pointer"}


def test_only_functions_of_the_main_file_are_listed(tmp_path) -> None:
    (tmp_path / "helper.h").write_text("static inline int twice(int x) { return 2 * x; }\n")
    code = (
        f'#include "{tmp_path}/helper.h"\nvoid f(int n, double *a) {{ for (int i = 0; i < n; i++) a[twice(i)] = 0; }}'
    )
    unit = unit_of(code)
    assert [function.name for function in unit.functions] == ["f"]
    assert unit.nests[0].statements[0].accesses[0].exact
