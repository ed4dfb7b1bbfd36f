"""LW1xx: a dependence forbids it."""

from __future__ import annotations

from loopwright.core.code_pages.page import CodePage
from loopwright.core.codes import Code

DEPENDENCES = {
    Code.FLOW_DEPENDENCE: CodePage(
        "An iteration reads what an earlier iteration wrote, so the iterations cannot run at the same time.",
        "for (int i = 1; i < n; i++)\n    a[i] = a[i - 1] + b[i];",
        "run a loop around or inside it in parallel, or compute the value without the recurrence",
    ),
    Code.ANTI_DEPENDENCE: CodePage(
        "A later iteration overwrites what an earlier one still has to read.",
        "for (int i = 0; i < n - 1; i++)\n    a[i] = a[i + 1] * 2.0;",
        "write the results to a second array, so that the old values stay until all are read",
    ),
    Code.OUTPUT_DEPENDENCE: CodePage(
        "Two iterations write the same element, and the order decides which value stays.",
        "for (int i = 0; i < n; i++)\n    a[i / 2] = b[i];",
        "give each iteration an element of its own, or write only in the iteration whose value stays",
    ),
    Code.REDUCTION_ESCAPES: CodePage(
        "A sum (or product, minimum ...) is also used otherwise inside the loop, so its partial values matter.",
        "for (int i = 0; i < n; i++) {\n    s += a[i];\n    b[i] = s;\n}",
        "compute what needs the partial values in a loop of its own",
    ),
    Code.VALUE_CROSSES_ITERATIONS: CodePage(
        "A scalar carries a value from one iteration into the next, so each thread cannot have a copy of its own.",
        "for (int i = 0; i < n; i++) {\n    b[i] = last;\n    last = a[i];\n}",
        "compute the value from the loop variable, or read it from memory that the loop does not write",
    ),
    Code.LAST_VALUE_USED: CodePage(
        "A private copy would lose a value that is used after the loop, and no iteration is certain to be the last "
        "to write it.",
        "for (int i = 0; i < n; i++)\n    if (a[i] > 0) t = a[i];\nreturn t;",
        "declare the variable inside the loop if its last value is not needed, or find that value after the loop",
    ),
    Code.SCHEDULE_REVERSES_DEPENDENCE: CodePage(
        "In the new loop order the reader of a value would run before its writer.",
        "for (int i = 1; i < n; i++)\n    for (int j = 0; j < n - 1; j++)\n        a[i][j] = a[i - 1][j + 1];",
        "keep the loop order, or tile only the loops that form a permutable band",
    ),
    Code.REDUCTION_NOT_ASSOCIATIVE: CodePage(
        "The update is no reduction: its operator may not be regrouped, or its operand reads the variable itself.",
        "for (int i = 0; i < n; i++)\n    s = a[i] - s;",
        "write the update as x = x op e with + * min max & | ^ && or ||, where e does not read x",
    ),
    Code.STEP_DOES_NOT_FIT: CodePage(
        "A plan asks for something that the nest does not have: a loop that is not there, a band that is not "
        "perfectly nested, a size that is not positive.",
        "tile the loops i, j  /* but other statements stand between i and j */",
        "nothing: the proposal is dropped; for plans of your own, name perfectly nested loops of this nest",
    ),
}
