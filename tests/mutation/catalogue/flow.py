"""Faults in what an iteration sees of its own writes, and in what the last iteration leaves behind."""

from __future__ import annotations

from mutation.mutant import Mutant

DEPENDENCES = "tests/unit/poly/test_dependences.py"
RULES = "tests/unit/legality/test_rules.py"
NESTS = "tests/legality/test_nests.py"

MUTANTS = (
    Mutant(
        "cover-by-a-write-that-may-not-happen",
        "poly/flow.py",
        "        if write.kind is not AccessKind.WRITE or not write.exact or not (writer.exact or writer.conditions):",
        "        if write.kind is not AccessKind.WRITE:",
        "a write under a condition on data is taken to happen always",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "cover-under-another-condition",
        "poly/flow.py",
        "    return [covered for needed, _, covered in found if not needed]",
        "    return [covered for _, _, covered in found]",
        "a write in one branch covers a read that is not in it",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "cover-by-two-unrelated-conditions",
        "poly/flow.py",
        ' and len({name.lstrip("!") for name in apart}) == 1:',
        ":",
        "writes under two conditions cover together though both may be false",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "cover-by-two-iterations-conditions",
        "poly/flow.py",
        "            if is_level and other_is_level and len(apart) == 2",
        "            if len(apart) == 2",
        "the two branches of an `if` cover a read though they are of different iterations",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "cover-by-a-later-write",
        "poly/nest_sets.py",
        "        return result.union(pairs) if self.is_before(first, second) else result",
        "        return result.union(pairs)",
        "a write that follows the read covers it",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "cover-by-another-iteration",
        "poly/flow.py",
        "    depth = 0 if loop is None else sets.nest.loop(loop).depth + 1",
        "    depth = 0 if loop is None else sets.nest.loop(loop).depth",
        "a write of an earlier iteration covers a read, so that a value that crosses iterations becomes private",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "first-value-that-the-loop-writes",
        "poly/flow.py",
        "        access.kind is AccessKind.WRITE\n        and not uncovered",
        "        access.kind is AccessKind.READ\n        and access.kind is AccessKind.WRITE\n        and not uncovered",
        "firstprivate for a value that other iterations write",
        (RULES,),
    ),
    Mutant(
        "last-value-under-a-condition",
        "poly/flow.py",
        "        if access.kind is AccessKind.WRITE and access.exact and statement.exact:",
        "        if access.kind is AccessKind.WRITE:",
        "lastprivate though the last iteration may not write",
        (RULES,),
    ),
    Mutant(
        "last-of-all-executions",
        "poly/flow.py",
        "    for outer in range(depth):\n        pairs = pairs.equate(_IN, outer, _OUT, outer)\n    followed",
        "    followed",
        "only the last execution of an inner loop is asked whether its last iteration writes",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "last-of-a-descending-loop",
        "poly/flow.py",
        "    followed = ordered_at(pairs, depth, descending=loop in sets.descending).domain()",
        "    followed = ordered_at(pairs, depth).domain()",
        "the last iteration of a loop that counts down is taken to be its first",
        (RULES, DEPENDENCES),
    ),
    Mutant(
        "refuted-last-value-that-may-be-written",
        "poly/flow.py",
        "    if unwritten is None or not all(",
        "    if unwritten is None or False and not all(",
        "a last value is refuted though a condition on data may write it",
        (RULES,),
    ),
    Mutant(
        "outermost-loop-always-runs",
        "poly/flow.py",
        "        return sets.context.is_subset(iterations.params())",
        "        return True",
        "a loop is taken to have an iteration, so that lastprivate leaves nothing where it has none",
        (DEPENDENCES, RULES),
    ),
    Mutant(
        "inner-loop-always-runs",
        "poly/flow.py",
        "    return around.is_subset(iterations.project_out(_SET, around.dim(_SET), 1))",
        "    return True",
        "an inner loop is taken to have an iteration whenever it is reached",
        (DEPENDENCES, RULES),
    ),
    Mutant(
        "misread-bounds-believed",
        "poly/nest_sets.py",
        "            if not domain.project_out(_SET, len(chain), inner).reset_tuple_id().is_subset(points):",
        "            if False:",
        "bounds read from the loop's text are believed though a statement runs outside them",
        (DEPENDENCES, RULES),
    ),
)
