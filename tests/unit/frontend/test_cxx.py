"""C++: references, containers, methods, and what is not analysed."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

import pytest

from snippets import access_of, cxx_nest_of, guards_of, relates, unit_of

LIBRARY = """
namespace std {
using size_t = unsigned long;
template <class T> struct vector {
  T *begin_, *end_;
  T &operator[](size_t i) { return begin_[i]; }
  const T &operator[](size_t i) const { return begin_[i]; }
  size_t size() const { return end_ - begin_; }
  T *data() { return begin_; }
  T *begin() { return begin_; }
  T *end() { return end_; }
  void push_back(T);
};
template <class T, size_t N> struct array {
  T items[N];
  T &operator[](size_t i) { return items[i]; }
};
template <class T> const T &max(const T &a, const T &b) { return a < b ? b : a; }
double sqrt(double);
}
"""


def test_vectors_are_arrays() -> None:
    nest = cxx_nest_of(
        f"{LIBRARY} void f(std::vector<double> &v, const std::vector<double> &w) {{"
        " for (std::size_t i = 0; i < v.size(); ++i) v[i] += w[i]; }"
    )
    statement = nest.statements[0]
    assert relates(statement, access_of(statement, "v", "write"), "[p0] -> { S0[i] -> v[i] }")
    assert [parameter.expression for parameter in nest.parameters] == ["v.size()"]
    assert nest.variable("v").base == "v.data()"
    assert nest.variable("v").is_pointer
    assert nest.variable("w").is_const
    assert statement.update is not None
    assert nest.loops[0].is_canonical


def test_a_vector_of_vectors_has_rows_of_its_own() -> None:
    nest = cxx_nest_of(
        f"{LIBRARY} void f(int n, std::vector<std::vector<double>> &v) {{"
        " for (int i = 0; i < n; ++i) for (int j = 0; j < n; ++j) v[i][j] = 0; }"
    )
    write = access_of(nest.statements[0], "v", "write")
    assert write.exact
    assert relates(nest.statements[0], write, "[n] -> { S0[i, j] -> v[i, j] }")


def test_standard_arrays_and_extremes() -> None:
    nest = cxx_nest_of(
        f"{LIBRARY} void f(int n, std::array<double, 8> &a, double *b) {{ double m = 0;"
        " for (int i = 0; i < n; ++i) { m = std::max(m, b[i]); b[i] = a[i % 8] + std::sqrt(m); } }"
    )
    update = nest.statements[0].update
    assert update is not None
    assert update.operator.value == "max"
    assert access_of(nest.statements[1], "a", "read").exact
    assert nest.variable("a").extents == ("8",)


def test_references_are_the_memory_they_name() -> None:
    nest = cxx_nest_of(
        "void f(int n, double *a, double &s) { for (int i = 0; i < n; ++i) { double &x = a[i]; x += 1; s += x; } }"
    )
    assert relates(nest.statements[0], access_of(nest.statements[0], "a", "write"), "[n] -> { S0[i] -> a[i] }")
    assert nest.variable("s").is_pointer
    assert nest.variable("s").rank == 0


def test_methods_are_looked_into_with_their_object() -> None:
    nest = cxx_nest_of(
        "struct M { int w; double *d; double &at(int i, int j) { return d[i * w + j]; } };"
        "void f(int n, M &m) { for (int i = 0; i < n; ++i) for (int j = 0; j < m.w; ++j) m.at(i, j) = 0; }"
    )
    write = next(access for access in nest.statements[0].accesses if access.kind.value == "write")
    assert write.exact
    assert nest.variable(write.variable).base == "m.d"
    assert not nest.assumptions


def test_members_inside_a_method() -> None:
    nest = cxx_nest_of("struct M { int n; double *d; void clear() { for (int i = 0; i < n; ++i) d[i] = 0; } };")
    assert nest.function == "M::clear"
    assert [parameter.expression for parameter in nest.parameters] == ["this->n"]
    assert nest.statements[0].accesses[0].exact


def test_functions_in_namespaces_are_named_as_they_are_called() -> None:
    unit = unit_of('namespace a { namespace b { void f() { } } } extern "C" { void g() { } }', path="/s/k.cpp")
    assert [function.name for function in unit.functions] == ["a::b::f", "g"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("void f(std::vector<double> &v) { for (auto &x : v) x = 0; }", None),
        ("void f(int n, std::vector<double> &v) { for (int i = 0; i < n; ++i) v.push_back(i); }", "UNKNOWN_CALL"),
        ("void f(int n, double *a) { for (int i = 0; i < n; ++i) { auto g = [&](int k) { a[k] = 0; }; g(i); } }", "UNKNOWN_CONSTRUCT"),
        ("void f(int n, double *a) { for (int i = 0; i < n; ++i) { if (a[i] < 0) throw 3; a[i] = 0; } }", "UNKNOWN_CONSTRUCT"),
        ("void f(int n, double *a) { for (int i = 0; i < n; ++i) try { a[i] = 0; } catch (...) { } }", "UNKNOWN_CONSTRUCT"),
        ("void f(int n, double **a) { for (int i = 0; i < n; ++i) a[i] = new double[3]; }", "UNKNOWN_CONSTRUCT"),
        ("template <class T> void f(int n, T *a) { for (int i = 0; i < n; ++i) a[i] = 0; }", "UNKNOWN_CONSTRUCT"),
        ("struct B { virtual double g(int i) { return i; } }; void f(int n, B *b, double *a) { for (int i = 0; i < n; ++i) a[i] = b->g(i); }", "UNKNOWN_CALL"),
    ],
)  # fmt: skip
def test_what_is_not_analysed(code: str, reason: str | None) -> None:
    unit = unit_of(f"{LIBRARY} {code}", "-std=c++17", path="/snippet/kernel.cpp")
    found = [each.code.name for function in unit.functions for each in function.unsupported]
    assert found == ([reason] if reason else ["UNKNOWN_CONSTRUCT"])
    assert not unit.nests


@pytest.mark.parametrize(
    "change",
    [
        "auto g = [&]() { n = 7; }; g();",
        "struct P { int x, y; }; auto [p, q] = P{n++, 3}; (void)p; (void)q;",
        "while (int t = n--) { if (t < 9) break; }",
        "if (int t = 3; t > n++) a[0] = 1;",
        "for (auto c : {1, 2}) n += c;",
        "int &r = n; r = 4;",
        "bump(n);",
        'asm("" : "=r"(n));',
    ],
)
def test_a_local_changed_by_what_is_not_understood_has_no_known_value(change: str) -> None:
    code = f"""namespace std {{ template <class T> struct initializer_list {{ const T *b; unsigned long s;
        const T *begin() const {{ return b; }} const T *end() const {{ return b + s; }} }}; }}
        void bump(int &); void f(double *a) {{ int n = 5; {change} for (int i = 0; i < n; ++i) a[i] = 0; }}"""
    nest = unit_of(code, "-std=c++17", "-w", path="/snippet/kernel.cpp").functions[-1].nests[-1]
    assert [parameter.name for parameter in nest.parameters] == ["n"]
    assert nest.context.split("->")[1].strip() == "{ : }"


def test_a_vector_bound_with_another_element_type_does_not_change() -> None:
    nest = cxx_nest_of(f"{LIBRARY} void f(std::vector<int> &v) {{ for (int i = 0; i < v.size(); ++i) v[i] = 0; }}")
    assert guards_of(nest) == []
