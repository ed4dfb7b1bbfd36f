"""Integer values: unsigned arithmetic, conversions, division, cases."""

from __future__ import annotations

import pytest

from snippets import access_of, guards_of, nest_of, refusals_of, relates, same_set


def subscript(text: str, parameters: str = "int n, double *a", header: str = "int i = 0; i < n; i++"):
    nest = nest_of(f"void f({parameters}) {{ for ({header}) a[{text}] = 0; }}")
    return nest, nest.statements[0], access_of(nest.statements[0], "a", "write")


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("i", "i"),
        ("i + n - 1", "i + n - 1"),
        ("2 * i", "2i"),
        ("(i << 2) + 3", "4i + 3"),
        ("i / 2", "floor(i/2)"),
        ("i % 3", "i mod 3"),
        ("i >> 1", "floor(i/2)"),
        ("i & 7", "i mod 8"),
        ("-(-i)", "i"),
        ("(long)i", "i"),
        ("n - i - 1", "n - i - 1"),
        ("sizeof(double) * i", "8i"),
        ("'c' - 'a' + i", "i + 2"),
    ],
)
def test_affine_arithmetic(text: str, element: str) -> None:
    nest, statement, access = subscript(text)
    assert access.exact, access.reason
    assert not nest.assumptions
    assert relates(statement, access, f"[n] -> {{ S0[i] -> a[{element}] }}")


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("i == 0 ? n - 1 : i - 1", "S0[i] -> a[n - 1] : i = 0; S0[i] -> a[i - 1] : i > 0"),
        ("(i + 1) % n", "S0[i] -> a[i + 1] : i < n - 1; S0[i] -> a[0] : i = n - 1"),
        ("i + (i > 3)", "S0[i] -> a[i + 1] : i > 3; S0[i] -> a[i] : i <= 3"),
        ("(i - 4) / 2", "S0[i] -> a[floor((i - 4)/2)] : i >= 4; S0[i] -> a[-floor((4 - i)/2)] : i < 4"),
        ("(i - 4) % 3", "S0[i] -> a[(i - 4) mod 3] : i >= 4; S0[i] -> a[-((4 - i) mod 3)] : i < 4"),
    ],
)
def test_values_in_cases(text: str, relation: str) -> None:
    _, statement, access = subscript(text)
    assert access.exact, access.reason
    assert relates(statement, access, f"[n] -> {{ {relation} }}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("i * i", "NON_AFFINE_SUBSCRIPT"),
        ("i % n + i / n * i", "NON_AFFINE_SUBSCRIPT"),
        ("(unsigned char)i", "INTEGER_CONVERSION"),
        ("(short)i", "INTEGER_CONVERSION"),
        ("(int)(i * 0.5)", "INTEGER_CONVERSION"),
        ("i ^ 3", "NON_AFFINE_SUBSCRIPT"),
        ("(unsigned)i - 1u", "UNSIGNED_WRAP"),
    ],
)
def test_what_is_not_affine_is_a_may_access_of_the_whole_array(text: str, code: str) -> None:
    _, statement, access = subscript(text)
    assert not access.exact
    assert access.code is not None
    assert access.code.name == code
    assert access.reason
    assert relates(statement, access, "[n] -> { S0[i] -> a[o] }")


def test_a_conversion_that_the_bounds_make_harmless_is_no_conversion() -> None:
    _, statement, access = subscript("(unsigned char)i", header="int i = 0; i < 200; i++")
    assert access.exact
    assert relates(statement, access, "{ S0[i] -> a[i] }")


def test_an_unsigned_difference_is_guarded() -> None:
    nest = nest_of("void f(unsigned n, double *a) { for (unsigned i = 0; i < n - 1; i++) a[i] = a[i + 1]; }")
    assert guards_of(nest) == ["n >= 1"]
    assert nest.assumptions[0].code.name == "UNSIGNED_WRAP"
    assert same_set(nest.assumptions[0].context, "[n] -> { : n >= 1 }")
    assert nest.loops[0].trip_count == "(long long)n - 1"


def test_an_unsigned_difference_inside_the_domain_needs_no_guard() -> None:
    nest = nest_of("void f(unsigned long n, double *a) { for (unsigned long i = 1; i < n; i++) a[i] = a[i - 1]; }")
    assert not nest.assumptions
    assert access_of(nest.statements[0], "a", "read").exact


def test_an_unsigned_difference_without_a_guard_is_not_a_subscript() -> None:
    nest = nest_of("void f(unsigned long n, double *a) { for (unsigned long i = 0; i < n; i++) a[i] = a[i - 1]; }")
    access = access_of(nest.statements[0], "a", "read")
    assert not access.exact
    assert access.code is not None
    assert access.code.name == "UNSIGNED_WRAP"


def test_a_signed_bound_of_an_unsigned_iterator_is_guarded() -> None:
    nest = nest_of("void f(int n, double *a) { for (unsigned i = 0; i < n; i++) a[i] = 0; }")
    assert guards_of(nest) == ["n >= 0"]


def test_a_signed_iterator_below_an_unsigned_bound_needs_no_guard() -> None:
    assert not nest_of("void f(unsigned long n, double *a) { for (int i = 0; i < n; i++) a[i] = 0; }").assumptions


@pytest.mark.parametrize(
    "header",
    [
        "unsigned i = n; i >= 0; i--",
        "unsigned i = n; i > 0; i -= 2",
        "unsigned i = n; i != 0; i -= 2",
    ],
)
def test_an_unsigned_iterator_that_passes_below_zero(header: str) -> None:
    code = "UNCOUNTED_LOOP" if "!=" in header else "UNSIGNED_WRAP"
    assert refusals_of(f"void f(unsigned n, double *a) {{ for ({header}) a[i] = 0; }}") == [code]


def test_an_unsigned_iterator_down_to_one_never_wraps() -> None:
    assert not nest_of("void f(unsigned n, double *a) { for (unsigned i = n; i > 0; i--) a[i] = 0; }").assumptions


@pytest.mark.parametrize(
    ("header", "guard"),
    [
        ("unsigned i = 0; i <= n; i++", "n <= 4294967294ll"),
        ("unsigned i = 0; i < n; i += 4", "n <= 4294967292ll"),
        ("unsigned char i = 0; i < n; i++", "n <= 255"),
        ("unsigned i = 5; i != n; i++", "n >= 5"),
    ],
)
def test_an_unsigned_iterator_that_may_wrap_is_guarded(header: str, guard: str) -> None:
    nest = nest_of(f"void f(unsigned n, double *a) {{ for ({header}) a[i] = 0; }}")
    assert guards_of(nest) == [guard]
    assert nest.assumptions[0].kind.value == "no-wrap"


def test_a_wide_unsigned_bound_is_compared_without_a_sign() -> None:
    nest = nest_of("void f(unsigned long n, double *a) { for (unsigned long i = 0; i <= n; i++) a[i] = 0; }")
    assert guards_of(nest) == ["n <= 18446744073709551614ull"]


def test_a_narrow_iterator_with_a_constant_bound_is_plain() -> None:
    assert not nest_of("void f(double *a) { for (unsigned char i = 0; i < 200; i++) a[i] = 0; }").assumptions
    assert refusals_of("void f(double *a) { for (unsigned char i = 0; i < 256; i++) a[i] = 0; }") == ["UNSIGNED_WRAP"]
    assert refusals_of("void f(double *a) { for (signed char i = 0; i < 128; i++) a[i] = 0; }") == [
        "INTEGER_CONVERSION"
    ]


def test_a_product_in_32_unsigned_bits_is_guarded_by_its_greatest_value() -> None:
    code = """void f(unsigned n, unsigned m, double *a) {
        for (unsigned i = 0; i < n; i++) for (unsigned j = 0; j < m; j++) a[i * m + j] = 0; }"""
    nest = nest_of(code)
    access = access_of(nest.statements[0], "a", "write")
    assert access.exact
    assert relates(nest.statements[0], access, "[n, m] -> { S0[i, j] -> a[i, j] }")
    assert guards_of(nest)
    assert all("4294967295" in guard for guard in guards_of(nest))


def test_a_value_fixed_in_the_nest_is_a_parameter_even_if_it_is_not_affine() -> None:
    nest, statement, access = subscript("i + n * n + (short)n")
    assert access.exact
    assert {parameter.expression for parameter in nest.parameters} == {
        "n", "(long long)(n) * (n)", "(short)(n)",
    }  # fmt: skip
    assert statement.exact


def test_the_context_holds_signs_that_types_imply_and_conditions_around() -> None:
    nest = nest_of("void f(unsigned n, int m, double *a) { for (int i = 0; i < 9; i++) a[i + n] = a[i + m]; }")
    assert same_set(nest.context, "[n, m] -> { : n >= 0 }")
    with_sign = nest_of("void f(int n, double *a) { if (n > 5) for (int i = 0; i < n; i++) a[i] = 0; }")
    assert same_set(with_sign.context, "[n] -> { : n > 5 }")


def test_a_local_computed_from_iterators_is_replaced_by_its_value() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) { int k = 2 * i; const int m = k + 1; a[m] = k; } }"
    statement = nest_of(code).statements[-1]
    access = access_of(statement, "a", "write")
    assert access.exact
    assert relates(statement, access, f"[n] -> {{ {statement.name}[i] -> a[2i + 1] }}")


def test_a_local_that_is_assigned_again_has_no_value() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i < n; i++) { int k = 2 * i; if (n) k++; a[k] = 1; } }"
    access = access_of(nest_of(code).statements[-1], "a", "write")
    assert not access.exact


def test_constants_from_enumerations_and_const_globals_are_numbers() -> None:
    code = """enum { N = 8 }; static const int M = 4;
        void f(double *a) { for (int i = 0; i < N; i += M) a[i + M] = 0; }"""
    nest = nest_of(code)
    assert nest.parameters == ()
    assert same_set(nest.statements[0].domain, "{ S0[i] : 0 <= i < 8 and i mod 4 = 0 }")


def test_a_local_set_once_outside_the_nest_keeps_its_relation_to_others() -> None:
    code = "void f(const int n, double *a) { int half = n / 2; for (int i = 0; i < half; i++) a[i] = a[i + half]; }"
    nest = nest_of(code)
    relation = "(n >= 0 and 2half <= n and n <= 2half + 1) or (n < 0 and 2half >= n and n >= 2half - 1)"
    assert same_set(nest.context, f"[n, half] -> {{ : {relation} }}")


def test_rows_of_a_computed_length_are_recovered_and_stay_within_the_array() -> None:
    code = """void f(int c, int h, int w, int k, float *in, float *out) { const int oh = h - k + 1, ow = w - k + 1;
        for (int f = 0; f < c; f++) for (int y = 0; y < oh; y++) for (int x = 0; x < ow; x++)
          for (int q = 0; q < k; q++) out[(f * oh + y) * ow + x] += in[(f * h + y + q) * w + x + q]; }"""
    nest = nest_of(code)
    assert all(access.exact for access in nest.statements[0].accesses)
    assert not nest.assumptions
    assert nest.variable("out").extents == ("", "oh", "ow")


def test_a_definition_that_rests_on_a_condition_is_not_in_the_context() -> None:
    code = """void f(unsigned n, double *a) { unsigned m = n - 1;
        for (unsigned i = 0; i < m; i++) a[i] = 0; }"""
    assert same_set(nest_of(code).context, "[n, m] -> { : n >= 0 and m >= 0 }")


def test_signed_arithmetic_that_wraps_is_guarded_too() -> None:
    code = "void f(int n, double *a) { for (int i = 0; i <= n; i++) a[i + 1] = 0; }"
    assert not nest_of(code).assumptions
    assert guards_of(nest_of(code, "-fwrapv")) == ["n <= 2147483646"]
    assert not nest_of(code, "-fwrapv", "-fno-wrapv").assumptions
