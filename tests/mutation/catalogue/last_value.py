"""Faults in what makes the last iteration's value the one that is used behind the loop."""

from __future__ import annotations

from mutation.mutant import Mutant

NESTS = "tests/legality/test_nests.py"
RUNS = "tests/integration/test_accepted_nests.py"

MUTANTS = (
    Mutant(
        "last-write-not-in-the-last-iteration",
        "legality/last_value.py",
        "        if left.is_empty():",
        "        if True:",
        "the last iteration is thought to write where an earlier one does",
        (f"{NESTS}::test_refuse[private_last_guarded_rows]",),
    ),
    Mutant(
        "last-write-under-bounds-that-change",
        "legality/last_value.py",
        "    return guard if named <= known - changing and",
        "    return guard if",
        "the inner loop's bound means something else in front of the nest",
        (f"{NESTS}::test_refuse[private_last_sliding]",),
    ),
    Mutant(
        "last-write-not-guarded",
        "legality/environment.py",
        "    if found is Clause.LASTPRIVATE:",
        "    if False:",
        "lastprivate leaves an undefined value where the inner loop has no iteration",
        (f"{RUNS}::test_a_guard_that_says_no_keeps_the_meaning",),
    ),
    Mutant(
        "last-iterator-not-guarded",
        "legality/environment.py",
        "        answer.assumptions += reached\n",
        "",
        "lastprivate leaves an undefined value in the iterator of a loop that the last iteration does not reach",
        (f"{RUNS}::test_a_guard_that_says_no_keeps_the_meaning",),
    ),
    Mutant(
        "iterator-mistaken-for-its-namesake",
        "legality/environment.py",
        " and _is_unmistakable(nest, loop):",
        ":",
        "a helper's global is taken for the loop's variable of the same name",
        (f"{NESTS}::test_refuse[iterator_named_like_global]",),
    ),
)
