"""Odd C: never a crash, always nests or reason codes."""

# ruff: noqa: E501  # lines of C

from __future__ import annotations

import pytest

from snippets import unit_of

ODD = [
    "void f() { }",
    "void f(n, a) int n; double *a; { int i; for (i = 0; i < n; i++) a[i] = 0; }",
    "void f(int n, double *a) { for (int i = 0; i < n; i++) { } }",
    "void f(int n, double *a) { for (;;) ; }",
    "void f(int n, double *a) { for (int i = 0;;i++) { if (i == n) break; a[i] = 0; } }",
    "void f(int n, double *a) { int i; for (; n--;) a[n] = 0; for (i = 0, n = 3; i < n; ) a[i++] = 0; }",
    "void f(int n, double *a) { for (int i = 0, *p = &n; i < *p; i++) a[i] = 0; }",
    "void f(int n, char *s) { while (*s++) ; do ; while (n--); }",
    "void f(int n, double _Complex *a) { for (int i = 0; i < n; i++) a[i] += a[i] * a[0]; }",
    "void f(int n, _Atomic int *a) { for (int i = 0; i < n; i++) a[i] += 1; }",
    "void f(int n, __int128 *a) { for (__int128 i = 0; i < n; i++) a[i] += 1; }",
    "void f(int n, float (*a)[n][n + 1]) { for (int i = 0; i < n; i++) (*a)[i][i] = a[0][1][i]; }",
    "void f(int n) { double v[n][n]; for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) v[i][j] = 0; }",
    "void f(int n, double *a) { for (int i = 0; i < n; i++) { double t[i + 1]; t[i] = a[i]; a[i] = t[0]; } }",
    "struct s { struct s *next; int v; }; int f(struct s *p) { int k = 0; for (; p; p = p->next) k += p->v; return k; }",
    "typedef int T; void f(T n, T *a) { for (T i = 0; i < n; i++) a[(T)i] = (T)(long)i; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = _Generic(i, int: 1, default: 2); }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = n ? : 3; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) { static int k; a[k++] = i; } }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) { extern int g; a[i] = g; } }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) { typedef int L; enum { Q = 3 }; L x = Q; a[i] = x; } }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) { int g(int); a[i] = g(i); } }",
    "void f(int n, int *a) { l: for (int i = 0; i < n; i++) { a[i] = 0; m: ; } if (n) goto l; }",
    "void f(int n, int *a) { void *p = &&x; for (int i = 0; i < n; i++) a[i] = 0; x: goto *p; }",
    "void f(int n, int *a) { switch (n) { for (int i = 0; i < n; i++) case 3: a[0] = 0; } }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) switch (i) { case 0 ... 5: a[i] = 0; default: ; } }",
    "void f(int n, char *a) { for (char c = 'a'; c <= 'z'; c++) a[c] = \"abc\"[c % 3]; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i += 0) a[i] = 0; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i = i) a[i] = 0; for (int i = 0; i < n; i - 1) a[i] = 0; }",
    "void f(int n, int *a) { for (int i = 0; i < 10; i += n / 0) a[i] = 0; }",
    "void f(int n, int *a) { for (int i = 0; i < (1 << 40); i++) a[i / 0] = i % 0; }",
    "void f(int n, int *a) { for (long i = -9223372036854775807L - 1; i < 9223372036854775807L; i++) a[i] = 0; }",
    "void f(int n, int *a) { for (unsigned long i = 0; i < 18446744073709551615UL; i++) a[i] = 0; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = (a[i], i)[a]; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) *&a[i] = *&*&a[i + 1]; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) ((char *)a)[i] = ((short *)(void *)a)[i]; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = (long)a & 7; }",
    "void f(int n, int *a, int *b) { for (int i = 0; i < b - a; i++) a[i] = a < b; }",
    "int (*f(int n, int *a))[3] { for (int i = 0; i < n; i++) a[i] = 0; return 0; }",
    "void f(int n, void **a) { for (int i = 0; i < n; i++) a[i] = a; }",
    "void f(int n, int (*a)(int)) { for (int i = 0; i < n; i++) n += a(i) + (*a)(i) + (**a)(i); }",
    "void f(int n, const char *a[]) { for (int i = 0; i < n; i++) a[i] = \"x\"; }",
    "union u { int i; struct { short a, b; }; } g; void f(int n) { for (int i = 0; i < n; i++) g.a = g.i; }",
    "struct s { int n; struct { int x; union { int y; float z; }; }; } g; void f(int n) { for (int i = 0; i < n; i++) g.z = g.x; }",
    "struct s { int v[3][4]; } g[5]; void f(int n) { for (int i = 0; i < n; i++) { struct s t = g[i]; g[i + 1] = t; } }",
    "struct e { }; void f(int n, struct e *a) { for (int i = 0; i < n; i++) a[i] = a[i + 1]; }",
    "struct s { int n; int a[]; }; void f(struct s *s) { for (int i = 0; i < s->n; i++) s->a[i] = 0; }",
    "void f(int exists, int mod, int *and) { for (int floor = 0; floor < mod; floor++) and[floor * exists] = 0; }",
    "void f(int S0, int *S1) { for (int S2 = 0; S2 < S0; S2++) S1[S2] = 0; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) for (int i = 0; i < n; i++) a[i] = 0; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) { int n = 3; a[i] = n; for (int i = 0; i < n; i++) a[i] = n; } }",
    "int n; void f(int *a) { int i; for (i = 0; i < n; i++) { { extern int n; a[i] = n; } } }",
    "#define B {\n#define E }\nvoid f(int n, int *a) B for (int i = 0; i < n; i++) B a[i] = 0; E E",
    "#define F for(int i=0;i<n;i++)\nvoid f(int n, int *a) { F F a[i] = 0; }",
    "%:define X 1\nvoid f(int n, int *a) <% for (int i = 0; i < n; i++) a<:i:> = X; %>",
    "void f(int n, int *a) { fo\\\nr (int i = 0; i < n; i++) a[i] = 0; }",
    "void f(int n, int *a) { for/**/(int i = 0; i < n; i++)/**/a[i]/**/=/**/0/**/; }",
    "void f(int n, int *a) { __builtin_unreachable(); for (int i = 0; i < n; i++) __builtin_prefetch(a + i); }",
    "void f(int n, int *a) { __label__ q; for (int i = 0; i < n; i++) { a[i] = 0; } q: ; }",
    "void f(void) { ; ; { ; } }",
    "_Static_assert(1, \"x\"); void f(int n, int *a) { for (int i = 0; i < n; i++) { _Static_assert(1, \"y\"); a[i] = 0; } }",
    "void f(int n, int a[static 3][4]) { for (int i = 0; i < n; i++) a[i][3] = sizeof(int[i + 1]); }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = ((int[]){1, 2, 3})[i]; }",
    "typedef float v4 __attribute__((vector_size(16))); void f(int n, v4 *a) { for (int i = 0; i < n; i++) a[i][0] = a[i][1]; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = __func__[0]; }",
    "void f(int n, int *a) { for (int i = 0; i < n; i++) if (i) else_: a[i] = 0; else ; }",
]  # fmt: skip


@pytest.mark.parametrize("code", ODD)
def test_odd_code_never_crashes(code: str) -> None:
    unit = unit_of(code, "-w")
    for function in unit.functions:
        for nest in function.nests:
            names = {variable.name for variable in nest.variables}
            assert all(access.variable in names for each in nest.statements for access in each.accesses)
            assert len(names) == len(nest.variables)


def test_deep_nesting_is_limited() -> None:
    depth = 30
    loops = "".join(f"for (int i{k} = 0; i{k} < n; i{k}++) " for k in range(depth))
    unit = unit_of(f"void f(int n, int *a) {{ {loops} a[i3] = 0; }}")
    assert unit.functions[0].unsupported[0].code.name == "ANALYSIS_LIMIT"


def test_long_expressions_and_long_chains_are_read() -> None:
    total = " + ".join(f"a[i + {k}]" for k in range(300))
    branches = " else ".join(f"if (a[i] == {k}) a[i] = {k + 1};" for k in range(100))
    unit = unit_of(f"void f(int n, int *a) {{ for (int i = 0; i < n; i++) {{ a[i] = {total}; {branches} }} }}")
    assert unit.nests or unit.functions[0].unsupported
