"""LW3xx: an assumption is needed."""

from __future__ import annotations

from loopwright.core.code_pages.page import CodePage
from loopwright.core.codes import Code

ASSUMPTIONS = {
    Code.ALIAS_GUARDED: CodePage(
        "Two pointers might reach the same memory. The generated code checks at run time that they do not, and runs "
        "the loop serially where they do.",
        "void f(int n, double *a, const double *b) {\n    for (int i = 0; i < n; i++) a[i] = b[i];\n}",
        "nothing: the check is cheap; declare the pointers restrict to be rid of it",
    ),
    Code.ALIAS_UNGUARDED: CodePage(
        "Two pointers might reach the same memory, and no check in front of the loop can tell.",
        "for (int i = 0; i < n; i++) p[i]->x = q[i]->x;",
        "declare the pointers restrict if they never overlap, or try --accept tested",
    ),
    Code.SUBSCRIPT_BOUNDS: CodePage(
        "A subscript such as a[i*n + k] is read as two, which holds only while k stays below n. The generated code "
        "checks it where it can; where it cannot, the loop stays undecided.",
        "for (int i = 0; i < m; i++)\n    for (int k = 0; k < l; k++) a[i * n + k] = 0;",
        "give the array two subscripts (double (*a)[n]), so that no row can be left",
    ),
    Code.REASSOCIATION: CodePage(
        "A floating-point sum is formed in another order, so its last digits may differ.",
        "for (int i = 0; i < n; i++) s += a[i];",
        "nothing, if rounding may differ; else --fp strict",
    ),
    Code.STRICT_FP: CodePage(
        "The loop would be parallel as a reduction, but --fp strict forbids a sum in another order.",
        "loopwright analyze sum.c --fp strict",
        "leave --fp strict out if rounding may differ",
    ),
    Code.TRIP_COUNT: CodePage(
        "With few iterations, starting threads costs more than it saves; the code then runs the loop serially.",
        "for (int i = 0; i < n; i++) ...  /* n may be 3 */",
        "nothing",
    ),
    Code.NO_WRAP: CodePage(
        "An unsigned value is taken not to wrap around; the code checks it.",
        "for (unsigned i = 0; i < n; i++) a[i + offset] = 0;",
        "use int or ptrdiff_t for loop variables and subscripts to be rid of the check",
    ),
}
