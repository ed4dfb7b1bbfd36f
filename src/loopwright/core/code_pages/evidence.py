"""LW4xx: verification failed. LW5xx: not profitable."""

from __future__ import annotations

from loopwright.core.code_pages.page import CodePage
from loopwright.core.codes import Code

EVIDENCE = {
    Code.BUILD_FAILED: CodePage(
        "The candidate does not compile.",
        "verify a.c b.c  /* b.c has a syntax error */",
        "read the compiler's message; for a patch of loopwright's own, report it",
    ),
    Code.RESULTS_DIFFER: CodePage(
        "On some input the candidate computes something else than the original.",
        "a tile loop that stops one iteration early",
        "repair the candidate; the detail names the input and the first element that differs",
    ),
    Code.DATA_RACE: CodePage(
        "Two threads touch one element at the same time, and one of them writes.",
        "#pragma omp parallel for\nfor (int i = 0; i < n; i++) s += a[i];",
        "give each thread its own (reduction, private), or order the two accesses: a barrier, a critical section or an "
        "atomic around every access of both",
    ),
    Code.BAD_ADDRESS: CodePage(
        "The candidate touches memory that is not its own.",
        "for (int i = 0; i <= n; i++) a[i] = 0;",
        "mend the bounds; if the original does the same, mend that first",
    ),
    Code.UNDEFINED_BEHAVIOUR: CodePage(
        "The candidate does what C leaves undefined: an overflow, a bad shift, a misaligned pointer.",
        "int x = 2147483647; x += 1;",
        "mend it; if the original does the same, mend that first",
    ),
    Code.UNINITIALISED_READ: CodePage(
        "A decision or a result depends on memory that was never written.",
        "#pragma omp parallel for private(t)\nfor (int i = 0; i < n; i++) a[i] = t;",
        "initialise the variable, or make it firstprivate",
    ),
    Code.TIMED_OUT: CodePage(
        "A run did not end within its limit and was killed with all its children.",
        "while (1) {}",
        "check that the loop ends on every input; a kernel.toml beside the file can ask for smaller sizes",
    ),
    Code.CRASHED: CodePage(
        "A run was ended by a signal.",
        "a[-1000000000] = 0;",
        "check the bounds; a kernel.toml beside the file can say what inputs are valid",
    ),
    Code.CONFLICT_RECORDED: CodePage(
        "In an instrumented run two iterations of a parallel loop touched one element, and one of them wrote.",
        "#pragma omp parallel for\nfor (int i = 0; i < n; i++) a[index[i]] = i;",
        "keep the loop serial for such data",
    ),
    Code.NO_HARNESS: CodePage(
        "No inputs can be made for the function, so nothing can be run.",
        "void f(void (*visit)(int), FILE *out);",
        "put the loop into a function that takes numbers and arrays, or describe the inputs in kernel.toml",
    ),
    Code.ORIGINAL_FAILS: CodePage(
        "The original itself fails on a generated input, so nothing can be compared.",
        "the function expects a sorted array, and gets any",
        "describe valid inputs in a kernel.toml beside the file",
    ),
    Code.OUT_OF_MEMORY: CodePage(
        "A run used more memory than its limit and was killed with all its children.",
        "malloc in a loop without free",
        "check what is allocated; a kernel.toml beside the file can ask for smaller sizes",
    ),
    Code.CHECK_UNAVAILABLE: CodePage(
        "A stage could not run here, and says what is missing.",
        "no clang: data races are not looked for",
        "run loopwright doctor, which names the command that installs it",
    ),
    Code.NOT_FASTER: CodePage(
        "No legal version was measured faster than the best serial build; the original is kept.",
        "a loop that only copies memory, on two cores",
        "nothing: keeping the original is a good answer; try more threads or larger sizes in kernel.toml",
    ),
    Code.IMPOSSIBLE_TIME: CodePage(
        "A time lies below what the machine can do at all, so the work cannot have been done.",
        "a kernel that returns at once",
        "check that the function computes all its outputs",
    ),
    Code.TOO_NOISY: CodePage(
        "The times vary so much that a difference cannot be told.",
        "other programs keep the processor busy",
        "run again on a quiet machine, or raise --budget",
    ),
    Code.BUDGET_SPENT: CodePage(
        "The time of --budget was used up before this nest was done.",
        "loopwright optimize big.c --budget 5s",
        "raise --budget, or name one function with --function",
    ),
    Code.TESTED_NOT_ACCEPTED: CodePage(
        "A version passed every test but is not proved, and only proved ones are delivered unless you say otherwise.",
        "a[index[i]] = b[i] with indices that never repeat",
        "allow it with --accept tested, if the tests are evidence enough for you",
    ),
    Code.NO_PROPOSAL: CodePage(
        "Neither the model nor the heuristic proposed a plan for this nest.",
        "a nest whose loops are all refused",
        "see loopwright analyze for the reason per loop",
    ),
    Code.TOO_SHORT: CodePage(
        "A call is over too soon to be timed, at every size that was tried.",
        "the sizes are members of a struct, and the search leaves those as they are",
        "give sizes for timing in a kernel.toml beside the file (measure; see docs/kernel-toml.md)",
    ),
}
