"""LW2xx: a construct is not analysed."""

from __future__ import annotations

from loopwright.core.code_pages.page import CodePage
from loopwright.core.codes import Code

CONSTRUCTS = {
    Code.EARLY_EXIT: CodePage(
        "The loop can end before its bound (break, return, exit), so later iterations must not start early.",
        "for (int i = 0; i < n; i++)\n    if (a[i] == key) break;",
        "search in one loop and work in another, or let every iteration run and combine the answers",
    ),
    Code.GOTO: CodePage(
        "A goto, or a label, makes the order of the statements unclear.",
        "for (int i = 0; i < n; i++) {\n    if (a[i] < 0) goto done;\n    b[i] = a[i];\n}",
        "write the jump as an if",
    ),
    Code.VOLATILE: CodePage(
        "A volatile variable is touched; each access to it must happen, once, and in order.",
        "volatile int ready;\nfor (int i = 0; i < n; i++) ready = i;",
        "keep volatile accesses out of the loop",
    ),
    Code.UNKNOWN_CALL: CodePage(
        "The loop calls a function whose effects cannot be seen.",
        "for (int i = 0; i < n; i++)\n    b[i] = lookup(a[i]);",
        "move input and output (printf, fgetc) out of the loop; define another function in the same file, or declare "
        "it __attribute__((const)) if, and only if, it computes from its arguments alone",
    ),
    Code.ITERATOR_WRITTEN: CodePage(
        "The loop's variable, or its bound, is changed inside the body.",
        "for (int i = 0; i < n; i++)\n    if (skip[i]) i++;",
        "change the variable in the loop's header alone",
    ),
    Code.FLOAT_ITERATOR: CodePage(
        "The loop counts in floating point, so its number of iterations depends on rounding.",
        "for (double x = 0.0; x < 1.0; x += 0.1) ...",
        "count in an integer and compute the floating-point value from it",
    ),
    Code.UNSIGNED_WRAP: CodePage(
        "An unsigned value may wrap around, which C defines, so a subscript or a bound need not be what it looks like.",
        "for (unsigned i = 0; i < n; i++)\n    a[i - 1] = 0;  /* i == 0: a[4294967295] */",
        "use int or ptrdiff_t for loop variables and subscripts",
    ),
    Code.NON_AFFINE_SUBSCRIPT: CodePage(
        "A subscript is not a sum of loop variables with fixed factors, so it may be any element.",
        "for (int i = 0; i < n; i++)\n    a[i * i % m] = b[i];",
        "write the subscript as a sum of loop variables and constants, if it is one; else try --accept tested",
    ),
    Code.INDIRECT_SUBSCRIPT: CodePage(
        "A subscript comes out of memory, so whether two iterations meet depends on the data.",
        "for (int i = 0; i < n; i++)\n    a[index[i]] += b[i];",
        "gather instead of scatter, or, where the indices never repeat, try --accept tested",
    ),
    Code.NON_AFFINE_BOUND: CodePage(
        "A bound is not a sum of outer loop variables and of values fixed in the nest.",
        "for (int i = 0; i * i < n; i++) ...",
        "compute the bound into a variable in front of the nest",
    ),
    Code.UNCOUNTED_LOOP: CodePage(
        "The number of iterations is not known when the loop starts (while, do, or an unusual for).",
        "while (residual > 1e-6) ...",
        "write it as for (int i = ...; i < n; i++) if it counts; inner loops are looked at anyway",
    ),
    Code.POINTER_REASSIGNED: CodePage(
        "A pointer that the loop reads or writes through is changed inside the loop.",
        "for (int i = 0; i < n; i++)\n    *p++ = 0;",
        "index the array instead: p[i]",
    ),
    Code.NON_AFFINE_CONDITION: CodePage(
        "An if depends on data, so which statements run is not known; all are taken to run.",
        "for (int i = 0; i < n; i++)\n    if (a[i] > 0) b[count++] = a[i];",
        "nothing, if the loop is parallel either way; else take the condition out of the loop",
    ),
    Code.ROW_POINTERS: CodePage(
        "The array is reached through pointers to its rows, and two rows may be the same memory.",
        "double **a;\nfor (int i = 0; i < n; i++) a[i][0] = 0;",
        "use one block of memory with a[i*n + j], or try --accept tested",
    ),
    Code.REINTERPRETED_MEMORY: CodePage(
        "Memory is used through two types (a union, a pointer cast), so elements of different size overlap.",
        "((float *)bytes)[i] = x; bytes[j] = 0;",
        "use the memory through one type inside the loop",
    ),
    Code.UNKNOWN_CONSTRUCT: CodePage(
        "The loop holds something that is not analysed; the message names it.",
        "asm, setjmp, a lambda, a switch ...",
        "move it out of the loop",
    ),
    Code.ALREADY_PARALLEL: CodePage(
        "The loop carries OpenMP directives of its own and is left as it is.",
        "#pragma omp parallel for\nfor (int i = 0; i < n; i++) ...",
        "remove the directive if you want another plan",
    ),
    Code.ANALYSIS_LIMIT: CodePage(
        "The exact answer would have taken longer than the limit.",
        "a nest with very many statements, or bounds with many parameters",
        "split the nest, or move what is not part of the loop out of it",
    ),
    Code.RECURSION: CodePage(
        "A function that the loop calls calls itself.",
        "for (int i = 0; i < n; i++) total += depth(node[i]);",
        "write the helper without recursion, or keep it out of the loop",
    ),
    Code.MACRO_HEADER: CodePage(
        "The for comes out of a macro, so no directive can be put in front of it.",
        "#define EACH(i, n) for (int i = 0; i < (n); i++)\nEACH(i, n) a[i] = 0;",
        "write the for itself",
    ),
    Code.INTEGER_CONVERSION: CodePage(
        "A subscript or a bound is converted to a narrower or an unsigned type, which may change its value.",
        "for (long i = 0; i < n; i++)\n    a[(short)i] = 0;",
        "keep one signed type for loop variables, bounds and subscripts",
    ),
    Code.ORPHANED_CONSTRUCT: CodePage(
        "A worksharing or synchronisation directive stands in a function that may be called from a parallel region of "
        "another file, so which threads meet it is not known.",
        "void part(int n, double *a) {\n#pragma omp for\n    for (int i = 0; i < n; i++) a[i] = 0;\n}",
        "verify the file that calls it, and name this one behind -- so that both are read",
    ),
    Code.SIGNALLING: CodePage(
        "Threads wait for a value or a lock that another thread gives. What that orders is not analysed, so neither a "
        "race nor its absence follows.",
        "while (!ready)\n#pragma omp atomic read\n    ready = flag;",
        "use a barrier, a task dependence or a doacross loop, whose order is analysed; or rely on the race detector",
    ),
    Code.FORWARD_IN_LANES: CodePage(
        "An iteration of a simd loop touches what a later one touches too, in the order of the text. Vector code keeps "
        "that order as a rule, but nothing promises it.",
        "#pragma omp simd\nfor (int i = 0; i < n - 1; i++) a[i] = a[i + 1];",
        "give safelen, or take the directive away",
    ),
    Code.UNCERTAIN_ORDER: CodePage(
        "Two accesses may run side by side, unless a barrier, a wait or a task dependence whose condition is not known "
        "orders them, or a static schedule gives both to one thread.",
        "if (flag) {\n#pragma omp taskwait\n}",
        "make what orders the two hold in every case: an unconditional barrier or wait, no nowait between two loops",
    ),
    Code.FOREIGN_THREADS: CodePage(
        "The file makes threads by other means than OpenMP; what they touch is not analysed.",
        "pthread_create(&thread, 0, work, 0);",
        "use a race detector that knows those threads",
    ),
    Code.HIDDEN_DIRECTIVE: CodePage(
        "A directive stands where it is not seen: in a template that is not used, a lambda, an attribute.",
        "template <class T> void scale(T *a, int n) {\n#pragma omp parallel for\n"
        "    for (int i = 0; i < n; i++) a[i] *= 2;\n}",
        "move the loop into a plain function",
    ),
}
