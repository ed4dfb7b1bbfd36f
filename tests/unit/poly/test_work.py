"""Operations and compulsory bytes, against a run in Python that notes what is touched."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

from collections.abc import Mapping

import pytest

from loopwright.harness.expression import ExpressionError, evaluate
from loopwright.poly.work import Amount, count_function
from snippets import function_of


def amount(code: str, sizes: Mapping[str, int]) -> Amount:
    def value_of(text: str) -> int | None:
        try:
            return evaluate(text, sizes)
        except ExpressionError:
            return None

    return count_function(function_of(code), value_of)


class Traced:
    """An array that notes which elements are read before they were written, and which are written."""

    def __init__(self, size_bytes: int = 8) -> None:
        self.size_bytes = size_bytes
        self.loaded: set[object] = set()
        self.stored: set[object] = set()

    def __getitem__(self, index: object) -> float:
        if index not in self.stored:
            self.loaded.add(index)
        return 1.0

    def __setitem__(self, index: object, value: float) -> None:
        self.stored.add(index)

    @property
    def bytes(self) -> int:
        return self.size_bytes * (len(self.loaded) + len(self.stored))


TRIANGULAR = """
void f(int n, const double *a, double *b, float *c) {
    for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++)
            b[j] += 2.0 * a[i*n + j];
        if (i > 3) c[i - 4] = c[i] * 3.0f + 1.0f;
    }
}
"""


def run_triangular(n: int) -> Amount:
    flops, a, b, c = 0, Traced(), Traced(), Traced(4)
    for i in range(n):
        for j in range(i, n):
            b[j] = b[j] + 2.0 * a[i * n + j]
            flops += 2
        if i > 3:
            c[i - 4] = c[i] * 3.0 + 1.0
            flops += 2
    return Amount(flops, a.bytes + b.bytes + c.bytes)


STRIDED = """
void f(int n, int m, double *a, const double *b, double *c) {
    for (int i = 1; i < n; i += 3)
        for (int j = i; j >= 0; j -= 2)
            a[2*j + 1] = b[i] + c[j] / 3.0;
    for (int k = m; k < 2*n; k += 2)
        c[k / 2] = a[k] + a[k + 1] - c[0];
}
"""


def run_strided(n: int, m: int) -> Amount:
    flops, a, b, c = 0, Traced(), Traced(), Traced()
    for i in range(1, n, 3):
        for j in range(i, -1, -2):
            a[2 * j + 1] = b[i] + c[j] / 3.0
            flops += 2
    for k in range(m, 2 * n, 2):
        c[k // 2] = a[k] + a[k + 1] - c[0]
        flops += 2
    return Amount(flops, a.bytes + b.bytes + c.bytes)


@pytest.mark.parametrize("n", [0, 1, 4, 5, 17, 40])
def test_a_triangle_with_a_condition(n: int) -> None:
    assert amount(TRIANGULAR, {"n": n}) == run_triangular(n)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (1, 0), (7, 3), (20, 1), (31, 12)])
def test_strides_and_a_second_nest(n: int, m: int) -> None:
    assert amount(STRIDED, {"n": n, "m": m}) == run_strided(n, m)


def test_sweeps_multiply_the_operations_and_not_the_bytes() -> None:
    code = "void f(int n, int t, double *a) { for (int s = 0; s < t; s++) for (int i = 0; i < n; i++) a[i] *= 0.5; }"
    assert amount(code, {"n": 100, "t": 7}) == Amount(700, 2 * 8 * 100)


def test_what_an_earlier_nest_wrote_is_not_loaded() -> None:
    clear = "for (int i = 0; i < n; i++) c[i] = 0.0;"
    add = "for (int i = 0; i < n; i++) c[i] += a[i];"
    head = "void f(int n, double *c, const double *a)"
    assert amount(f"{head} {{ {clear} {add} }}", {"n": 10}) == Amount(10, 8 * (10 + 10))
    assert amount(f"{head} {{ {add} {clear} }}", {"n": 10}) == Amount(10, 8 * (10 + 10 + 10))


def test_what_an_earlier_iteration_wrote_is_not_loaded() -> None:
    code = "void f(int n, double *a, const double *b) { for (int i = 1; i < n; i++) a[i] = a[i - 1] + b[i]; }"
    assert amount(code, {"n": 10}) == Amount(9, 8 * (1 + 9 + 9))


def test_an_array_may_have_another_shape_in_each_nest() -> None:
    rows = "for (int i = 0; i < n; i++) for (int j = 1; j < m; j++) c[i*m + j] = 1.0;"
    flat = "for (int k = 0; k < n*m; k++) s += c[k];"
    code = f"double f(int n, int m, double *c) {{ double s = 0.0; {rows} {flat} return s; }}"
    # One column is not written and so is loaded.
    assert amount(code, {"n": 6, "m": 5}) == Amount(30, 8 * (6 * 4 + 6))


def test_locals_cost_no_bytes_and_globals_do() -> None:
    code = """static double table[64]; static double factor;
    void f(int n, double *a) { double row[64]; for (int i = 0; i < n; i++) { row[i] = table[i]; a[i] = row[i] * factor; } }"""
    assert amount(code, {"n": 64}) == Amount(64, 8 * 64 * 2)


LOOP = "for (int i = 0; i < n; i++) a[i] += 1.0;"
KNOWN = Amount(10, 8 * 20)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (LOOP, KNOWN),
        (f"if (n < 2) return; {LOOP}", KNOWN),
        (f"if (n > 2) {{ {LOOP} }}", Amount(None, None)),
        (f"while (a[0] > 0.0) {{ {LOOP} }}", Amount(None, None)),
        (f"for (int h = 1; h < n; h *= 2) {{ {LOOP} }}", Amount(None, None)),
        (f"clear(a, n); {LOOP}", Amount(None, None)),
        ("for (int i = 0; i < n; i++) if (a[i] > 0.0) a[i] += 1.0;", Amount(None, None)),
        ("for (int i = 0; i < n; i++) if (a[i] > 0.0) b[i] = 1;", Amount(0, None)),
        ("for (int i = 0; i < n; i++) a[b[i]] += 1.0;", Amount(10, None)),
        ("for (int i = 0; i < n; i++) for (int k = b[i]; k < b[i + 1]; k++) a[i] += 1.0;", Amount(None, None)),
        ("for (int i = 0; i < n; i++) { if (b[i]) break; a[i] += 1.0; }", Amount(None, None)),
        ("double *p = a; for (int i = 0; i < n; i++) p[i] = a[i];", Amount(0, 160)),
        ("double *p = a; if (n > 3) p = a + 2; for (int i = 0; i < n; i++) p[i] = a[i];", Amount(0, None)),
        ("return;", Amount(None, None)),
    ],
)
def test_what_cannot_be_counted_exactly_is_unknown(body: str, expected: Amount) -> None:
    code = f"void clear(double *, int); void f(int n, double *a, int *b) {{ {body} }}"
    assert amount(code, {"n": 10}) == expected


def test_a_size_without_a_value_leaves_all_unknown() -> None:
    code = "void f(int n, int m, double *a) { for (int i = 0; i < n; i++) a[i] += 1.0; for (int i = 0; i < m; i++) a[i] += 1.0; }"
    assert amount(code, {"n": 10}) == Amount(None, None)


def test_a_parameter_may_follow_from_others() -> None:
    code = "void f(int n, double *a) { const int inner = n - 2; for (int i = 0; i < inner; i++) a[i] += 1.0; }"
    assert amount(code, {"n": 10}) == Amount(8, 8 * 16)
