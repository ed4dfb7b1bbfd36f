"""Faults in what an iteration sees of its own writes, and in what the last iteration leaves behind."""

from __future__ import annotations

from mutation.mutant import Mutant

DEPENDENCES = "tests/unit/poly/test_dependences.py"
RULES = "tests/unit/legality/test_rules.py"
CORNERS = "tests/unit/legality/test_rule_corners.py"
NESTS = "tests/legality/test_nests.py"

MUTANTS = (
    Mutant(
        "cover-by-a-write-that-may-not-happen",
        "poly/flow.py",
        "        if write.kind is not AccessKind.WRITE or not write.exact or not (writer.exact or writer.conditions):",
        "        if write.kind is not AccessKind.WRITE:",
        "a write under a condition on data is taken to happen always",
        (f"{RULES}::test_privatize_leaves_undecided_what_is_written_under_a_condition",),
    ),
    Mutant(
        "cover-under-another-condition",
        "poly/flow.py",
        "    return [covered for needed, _, covered in found if not needed]",
        "    return [covered for _, _, covered in found]",
        "a write in one branch covers a read that is not in it",
        (f"{DEPENDENCES}::test_a_write_under_a_condition_covers_reads_under_the_same_condition",),
    ),
    Mutant(
        "cover-by-two-unrelated-conditions",
        "poly/flow.py",
        ' and len({name.lstrip("!") for name in apart}) == 1:',
        ":",
        "writes under two conditions cover together though both may be false",
        (f"{DEPENDENCES}::test_a_write_under_a_condition_covers_reads_under_the_same_condition",),
    ),
    Mutant(
        "cover-by-two-iterations-conditions",
        "poly/flow.py",
        "            if is_level and other_is_level and len(apart) == 2",
        "            if len(apart) == 2",
        "the two branches of an `if` cover a read though they are of different iterations",
        (f"{DEPENDENCES}::test_a_write_under_a_condition_covers_reads_under_the_same_condition",),
    ),
    Mutant(
        "cover-by-a-later-write",
        "poly/nest_sets.py",
        "        return result.union(pairs) if self.is_before(first, second) else result",
        "        return result.union(pairs)",
        "a write that follows the read covers it",
        (f"{RULES}::test_a_value_that_flows_is_shown_before_storage_that_is_used_again",),
    ),
    Mutant(
        "cover-by-another-iteration",
        "poly/flow.py",
        "    depth = 0 if loop is None else sets.nest.loop(loop).depth + 1",
        "    depth = 0 if loop is None else sets.nest.loop(loop).depth",
        "a write of an earlier iteration covers a read, so that a value that crosses iterations becomes private",
        (f"{RULES}::test_no_witness_no_refutation",),
    ),
    Mutant(
        "first-value-that-the-loop-writes",
        "poly/flow.py",
        "        access.kind is AccessKind.WRITE\n        and not uncovered",
        "        access.kind is AccessKind.READ\n        and access.kind is AccessKind.WRITE\n        and not uncovered",
        "firstprivate for a value that other iterations write",
        (f"{RULES}::test_privatize_refuses_a_value_that_crosses_iterations",),
    ),
    Mutant(
        "last-value-under-a-condition",
        "poly/flow.py",
        "        if access.kind is AccessKind.WRITE and access.exact and statement.exact:\n"
        "            domain = sets.domain(statement.name)\n            inner =",
        "        if access.kind is AccessKind.WRITE:\n            domain = sets.domain(statement.name)\n            inner =",
        "lastprivate though the last iteration may not write",
        (f"{RULES}::test_a_last_value_that_depends_on_data_is_undecided",),
    ),
    Mutant(
        "last-of-all-executions",
        "poly/flow.py",
        "    for outer in range(depth):\n        pairs = pairs.equate(_IN, outer, _OUT, outer)\n    followed",
        "    followed",
        "only the last execution of an inner loop is asked whether its last iteration writes",
        (f"{CORNERS}::test_each_execution_of_an_inner_loop_has_a_last_iteration",),
    ),
    Mutant(
        "last-of-a-descending-loop",
        "poly/flow.py",
        "    followed = ordered_at(pairs, depth, descending=loop in sets.descending).domain()",
        "    followed = ordered_at(pairs, depth).domain()",
        "the last iteration of a loop that counts down is taken to be its first",
        (f"{CORNERS}::test_the_last_iteration_of_a_loop_that_counts_down_is_the_lowest",),
    ),
    Mutant(
        "refuted-last-value-that-may-be-written",
        "poly/flow.py",
        "    if unwritten is None or not all(",
        "    if unwritten is None or False and not all(",
        "a last value is refuted though a condition on data may write it",
        (f"{CORNERS}::test_a_last_value_that_a_condition_on_data_may_write_is_not_refuted",),
    ),
    Mutant(
        "outermost-loop-always-runs",
        "poly/flow.py",
        "        return sets.context.is_subset(iterations.params())",
        "        return True",
        "a loop is taken to have an iteration, so that lastprivate leaves nothing where it has none",
        (f"{DEPENDENCES}::test_a_loop_always_runs_only_if_the_context_says_so",),
    ),
    Mutant(
        "inner-loop-always-runs",
        "poly/flow.py",
        "    return around.is_subset(iterations.project_out(_SET, around.dim(_SET), 1))",
        "    return True",
        "an inner loop is taken to have an iteration whenever it is reached",
        (f"{DEPENDENCES}::test_a_loop_always_runs_only_if_the_context_says_so",),
    ),
    Mutant(
        "misread-bounds-believed",
        "poly/nest_sets.py",
        "            if not domain.project_out(_SET, len(chain), inner).reset_tuple_id().is_subset(points):",
        "            if False:",
        "bounds read from the loop's text are believed though a statement runs outside them",
        (f"{DEPENDENCES}::test_bounds_in_c_are_read_only_if_they_are_plainly_affine",),
    ),
)
