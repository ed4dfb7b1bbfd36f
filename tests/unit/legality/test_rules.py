"""Each rule accepts, refuses with code and witness, and leaves undecided what it cannot know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopwright.core.assumption import AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.legality import DataEnvironment, Legality, Proved, Refuted, Undecided
from loopwright.core.nest import Blocker, LoopKind, LoopNest, ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Schedule, Simd, Step, Tile
from loopwright.core.source import Span
from loopwright.core.variable import Storage
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from nests import DOUBLE, INT, For, If, Read, array, local_array, nest, scalar

ADD = ReductionOperator.ADD


def check(given: LoopNest, *steps: Step, fp_strict: bool = False) -> Legality:
    return check_plan(analyze_nest(given), Plan(given.id, steps), fp_strict=fp_strict)


def environment_of(legality: Legality) -> DataEnvironment:
    assert isinstance(legality, Proved), legality
    (environment,) = legality.environments
    return environment


def refused(legality: Legality, code: Code, witness: str) -> None:
    assert isinstance(legality, Refuted), legality
    assert (legality.code, str(legality.witness)) == (code, witness)
    assert legality.dependence is not None


def undecided(legality: Legality, code: Code, *, waivable: bool) -> None:
    assert isinstance(legality, Undecided), legality
    assert (legality.code, legality.waivable) == (code, waivable)


def misfits(legality: Legality) -> None:
    assert isinstance(legality, Refuted), legality
    assert legality.code is Code.STEP_DOES_NOT_FIT
    assert legality.witness is None


def kinds(legality: Legality) -> list[AssumptionKind]:
    assert isinstance(legality, Proved), legality
    return [assumption.kind for assumption in legality.assumptions]


# --- parallelize


def test_parallelize_accepts_independent_iterations() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = b[i]"))
    legality = check(given, Parallelize("i", Schedule.DYNAMIC, 4, num_threads=2))
    assert environment_of(legality) == DataEnvironment("i")
    assert kinds(legality) == []


@pytest.mark.parametrize(
    ("statement", "code", "witness"),
    [
        ("a[i] = a[i-1]", Code.FLOW_DEPENDENCE, "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[1] with n=3"),
        ("a[i] = a[i+1]", Code.ANTI_DEPENDENCE, "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[2] with n=3"),
        ("a[1] = b[i]", Code.OUTPUT_DEPENDENCE, "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[1] with n=3"),
    ],
)
def test_parallelize_refuses_a_carried_dependence(statement: str, code: Code, witness: str) -> None:
    refused(check(nest("n", For("i", "1", "n", statement)), Parallelize("i")), code, witness)


def test_a_loop_that_counts_down_turns_the_dependence_round() -> None:
    given = nest("n", For("i", "n - 1", "0", "a[i] = a[i-1]", step=-1))
    refused(
        check(given, Parallelize("i")),
        Code.ANTI_DEPENDENCE,
        "S0[i=2] (line 2) -> S0[i=1] (line 2) on a[1] with n=3",
    )


def test_an_unknown_subscript_is_undecided_and_an_exact_dependence_beside_it_decides() -> None:
    loop = For("i", "1", "n", "h[?] = b[i]")
    undecided(check(nest("n", loop), Parallelize("i")), Code.INDIRECT_SUBSCRIPT, waivable=True)
    both = For("i", "1", "n", ["h[?] = b[i]", "a[i] = a[i-1]"])
    refused(
        check(nest("n", both), Parallelize("i")),
        Code.FLOW_DEPENDENCE,
        "S1[i=1] (line 3) -> S1[i=2] (line 3) on a[1] with n=3",
    )


def test_a_witness_obeys_context_and_assumptions() -> None:
    loop = For("i", "0", "n", "a[i] = a[i+m]")
    given = nest("n m", loop, context=": m >= 3")
    legality = check(given, Parallelize("i"))
    refused(legality, Code.ANTI_DEPENDENCE, "S0[i=0] (line 2) -> S0[i=3] (line 2) on a[3] with n=4, m=3")
    assert isinstance(check(nest("n m", loop, context=": m >= n"), Parallelize("i")), Proved)


def test_no_witness_no_refutation() -> None:
    given = nest("n p", For("i", "0", "n", "a[i] = a[i + p]"))
    square = replace(given.parameters[1], expression="(n)*(n)")
    given = replace(given, parameters=(given.parameters[0], square))
    undecided(check(given, Parallelize("i")), Code.FLOW_DEPENDENCE, waivable=True)
    half = replace(square, expression="(n) / 2")
    given = replace(given, parameters=(given.parameters[0], half))
    refused(
        check(given, Parallelize("i")),
        Code.ANTI_DEPENDENCE,
        "S0[i=0] (line 2) -> S0[i=1] (line 2) on a[1] with n=2, p=1",
    )


def test_a_value_that_flows_is_shown_before_storage_that_is_used_again() -> None:
    body = [
        For("i", "1", "n", "b[i] = a[i-1] a[i]"),
        For("k", "1", "n", "a[k] = b[k]"),
    ]
    legality = check(nest("n T", For("t", "0", "T", body)), Parallelize("t"))
    refused(legality, Code.FLOW_DEPENDENCE, "S1[t=0, k=1] (line 5) -> S0[t=1, i=2] (line 3) on a[1] with n=3, T=2")


def facts_of_loop(**facts: Any) -> LoopNest:
    return nest("n", For("i", "0", "n", "a[i] = b[i]", facts=facts))


BLOCKER = Blocker(Code.EARLY_EXIT, "break", Span("k.c", 0, 5, 1, 1, 1))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"blockers": (BLOCKER,)}, Code.EARLY_EXIT),
        ({"kind": LoopKind.UNCOUNTED}, Code.UNCOUNTED_LOOP),
        ({"is_inlined": True}, Code.STEP_DOES_NOT_FIT),
        ({"is_canonical": False}, Code.STEP_DOES_NOT_FIT),
        ({"is_in_macro": True}, Code.MACRO_HEADER),
    ],
)
def test_a_loop_that_takes_no_directive_is_never_proved(facts: dict[str, Any], code: Code) -> None:
    given = facts_of_loop(**facts)
    undecided(check(given, Parallelize("i")), code, waivable=False)
    undecided(check(given, Simd("i")), code, waivable=False)
    undecided(analyze_nest(given).loops[0].legality, code, waivable=False)


def test_what_blocks_an_inner_loop_blocks_the_outer_one_only_if_it_spreads() -> None:
    def outer(code: Code) -> LoopNest:
        blocker = replace(BLOCKER, code=code)
        inner = For("j", "0", "n", "a[i][j] = b[i]", facts={"blockers": (blocker,)})
        return nest("n", For("i", "0", "n", inner))

    assert isinstance(check(outer(Code.EARLY_EXIT), Parallelize("i")), Proved)
    undecided(check(outer(Code.VOLATILE), Parallelize("i")), Code.VOLATILE, waivable=False)


def test_collapse_wants_perfect_rectangular_loops() -> None:
    square = nest("n m", For("i", "0", "n", For("j", "0", "m", "a[i][j] = b[i][j]")))
    assert isinstance(check(square, Parallelize("i", collapse=2)), Proved)
    misfits(check(square, Parallelize("i", collapse=3)))
    cube = nest("n m", For("i", "0", "n", For("j", "0", "m", For("k", "0", "m", "a[i][j][k] = b[i][j]"))))
    swapped = Interchange(("k", "j"))
    assert isinstance(check(cube, swapped, Parallelize("i", collapse=2)), Proved)
    misfits(check(cube, swapped, Parallelize("i", collapse=4)))
    triangle = nest("n", For("i", "0", "n", For("j", "i", "n", "a[i][j] = b[i][j]")))
    misfits(check(triangle, Parallelize("i", collapse=2)))
    rows = nest("n m", For("i", "0", "n", For("j", "1", "m", "a[i][j] = a[i][j-1]")))
    assert isinstance(check(rows, Parallelize("i")), Proved)
    refused(
        check(rows, Parallelize("i", collapse=2)),
        Code.FLOW_DEPENDENCE,
        "S0[i=0, j=1] (line 3) -> S0[i=0, j=2] (line 3) on a[0][1] with n=1, m=3",
    )


@pytest.mark.parametrize(
    "step",
    [
        Parallelize("k"),
        Parallelize("i", Schedule.STATIC, 0),
        Parallelize("i", chunk=4),
        Parallelize("i", num_threads=0),
        Simd("k"),
        Reduce("x", ADD),
        Privatize("x"),
        Interchange(("i", "k")),
        Tile(("k",), (32,)),
        Atomic("S9", "a"),
    ],
)
def test_a_step_that_names_what_is_not_there_is_refuted_without_witness(step: Step) -> None:
    misfits(check(nest("n", For("i", "0", "n", "a[i] = b[i]")), Parallelize("i"), step))


def test_plans_that_contradict_themselves() -> None:
    given = nest("n m", For("i", "0", "n", For("j", "0", "m", "a[i][j] = b[i][j]")))
    misfits(check(given, Parallelize("i"), Parallelize("j")))
    misfits(check(given, Parallelize("i"), Parallelize("i")))
    misfits(check(given, Parallelize("i"), Interchange(("j", "i"))))
    misfits(check_plan(analyze_nest(given), Plan("g:7", (Parallelize("i"),))))
    assert check(given) == Proved(Plan(given.id), ())


# --- simd


def test_simd_accepts_the_innermost_loop_beside_a_parallel_outer_one() -> None:
    given = nest("n m", For("i", "0", "n", For("j", "0", "m", ["s += b[i][j]", "a[i][j] = b[i][j]"])), scalar("s"))
    legality = check(given, Parallelize("i"), Simd("j"), Reduce("s", ADD))
    assert isinstance(legality, Proved)
    assert [(item.loop, item.reductions) for item in legality.environments] == [
        ("i", (("s", ADD),)),
        ("j", (("s", ADD),)),
    ]
    misfits(check(given, Simd("i")))


def test_simd_refuses_and_leaves_undecided_what_parallelize_does() -> None:
    refused(
        check(nest("n", For("i", "1", "n", "a[i] = a[i-1]")), Simd("i")),
        Code.FLOW_DEPENDENCE,
        "S0[i=1] (line 2) -> S0[i=2] (line 2) on a[1] with n=3",
    )
    undecided(check(nest("n", For("i", "0", "n", "h[?] = b[i]")), Simd("i")), Code.INDIRECT_SUBSCRIPT, waivable=True)
    atomic = nest("n", For("i", "0", "n", "h[?] += b[i]"))
    misfits(check(atomic, Simd("i"), Atomic("S0", "h")))


# --- reduce


def test_reduce_accepts_updates_alone_and_says_that_it_reassociates() -> None:
    given = nest("n", For("i", "0", "n", "s += b[i]"))
    legality = check(given, Parallelize("i"), Reduce("s", ADD))
    assert environment_of(legality).reductions == (("s", ADD),)
    assert kinds(legality) == [AssumptionKind.REASSOCIATION]
    whole = nest("n", For("i", "0", "n", "s += b[i]"), scalar("s", element=INT))
    assert kinds(check(whole, Parallelize("i"), Reduce("s", ADD), fp_strict=True)) == []


def test_reduce_under_strict_fp() -> None:
    given = nest("n", For("i", "0", "n", "s += b[i]"))
    refused(
        check(given, Parallelize("i"), Reduce("s", ADD), fp_strict=True),
        Code.STRICT_FP,
        "S0[i=0] (line 2) -> S0[i=1] (line 2) on s with n=2",
    )
    maybe = nest("n", For("i", "0", "n", If("?", "s += b[i]")))
    undecided(check(maybe, Parallelize("i"), Reduce("s", ADD), fp_strict=True), Code.STRICT_FP, waivable=False)


def test_reduce_refuses_a_running_value_that_escapes() -> None:
    given = nest("n", For("i", "0", "n", ["s += b[i]", "c[i] = s"]))
    refused(
        check(given, Parallelize("i"), Reduce("s", ADD)),
        Code.REDUCTION_ESCAPES,
        "S0[i=0] (line 2) -> S1[i=1] (line 3) on s with n=2",
    )


def test_reduce_refuses_two_operators() -> None:
    given = nest("n", For("i", "0", "n", ["s += b[i]", "s *= c[i]"]))
    legality = check(given, Parallelize("i"), Reduce("s", ADD))
    refused(legality, Code.REDUCTION_NOT_ASSOCIATIVE, "S0[i=0] (line 2) -> S1[i=1] (line 3) on s with n=2")
    plain = nest("n", For("i", "0", "n", "s = s b[i]"))
    legality = check(plain, Parallelize("i"), Reduce("s", ADD))
    refused(legality, Code.REDUCTION_NOT_ASSOCIATIVE, "S0[i=0] (line 2) -> S0[i=1] (line 2) on s with n=2")


def test_an_update_whose_operand_reads_the_variable_escapes() -> None:
    given = nest("n", For("i", "0", "n", "h[0] += h[i]"), local_array("h", "64"))
    refused(
        check(given, Parallelize("i"), Reduce("h", ADD)),
        Code.REDUCTION_ESCAPES,
        "S0[i=0] (line 2) -> S0[i=1] (line 2) on h[0] with n=2",
    )


def test_reduce_refuses_what_no_clause_can_name() -> None:
    pointer = nest("n", For("i", "0", "n", "s += b[i]"), array("s", 0))
    misfits(check(pointer, Parallelize("i"), Reduce("s", ADD)))
    member = nest("n", For("i", "0", "n", "p.sum += b[i]"), scalar("p.sum", identifier="p"))
    misfits(check(member, Parallelize("i"), Reduce("p.sum", ADD)))
    parameter = array("h", 1, is_pointer=False, extents=("16",))
    given = nest("n", For("i", "0", "n", "h[?] += b[i]"), parameter)
    misfits(check(given, Parallelize("i"), Reduce("h", ADD)))


def test_reduce_takes_small_declared_arrays_only() -> None:
    loop = For("i", "0", "n", "h[?] += b[i]")
    small = nest("n", loop, local_array("h", "256", live_out=True))
    assert environment_of(check(small, Parallelize("i"), Reduce("h", ADD))).reductions == (("h", ADD),)
    large = nest("n", loop, local_array("h", "1000000", live_out=True))
    undecided(check(large, Parallelize("i"), Reduce("h", ADD)), Code.STEP_DOES_NOT_FIT, waivable=True)


def test_a_helper_does_not_see_the_copy_of_a_global() -> None:
    given = nest("n", For("i", "0", "n", "s += b[i]"), scalar("s", storage=Storage.GLOBAL, live_out=True))
    assert isinstance(check(given, Parallelize("i"), Reduce("s", ADD)), Proved)
    elsewhere = Span("k.c", 9000, 9010, 90, 1, 90)
    (statement,) = given.statements
    moved = replace(statement, accesses=tuple(replace(access, span=elsewhere) for access in statement.accesses))
    given = replace(given, statements=(moved,))
    misfits(check(given, Parallelize("i"), Reduce("s", ADD)))


def test_one_variable_may_be_private_outside_and_a_reduction_inside() -> None:
    body = ["s = 0", For("j", "0", "m", "s += b[i][j]"), "a[i] = s"]
    given = nest("n m", For("i", "0", "n", body), scalar("s"))
    legality = check(given, Parallelize("i"), Simd("j"), Privatize("s"), Reduce("s", ADD))
    assert isinstance(legality, Proved)
    outer, inner = legality.environments
    assert (outer.private, outer.reductions) == (("s",), ())
    assert (inner.private, inner.reductions) == ((), (("s", ADD),))


# --- privatize


def test_privatize_accepts_what_each_iteration_writes_first() -> None:
    given = nest("n", For("i", "0", "n", ["t = b[i]", "a[i] = t"]))
    assert environment_of(check(given, Parallelize("i"), Privatize("t"))).private == ("t",)
    refused(check(given, Parallelize("i")), Code.ANTI_DEPENDENCE, "S1[i=0] (line 3) -> S0[i=1] (line 2) on t with n=2")


def test_privatize_accepts_a_work_array() -> None:
    body = [For("j", "0", "m", "w[j] = b[i][j]"), For("k", "0", "m", "a[i][k] = w[m - 1 - k]")]
    given = nest("n m", For("i", "0", "n", body), local_array("w", "64"))
    assert environment_of(check(given, Parallelize("i"), Privatize("w"))).private == ("w",)
    short = [For("j", "1", "m", "w[j] = b[i][j]"), For("k", "0", "m", "a[i][k] = w[k]")]
    given = nest("n m", For("i", "0", "n", short), local_array("w", "64"))
    assert environment_of(check(given, Parallelize("i"), Privatize("w"))).firstprivate == ("w",)


def test_privatize_refuses_a_value_that_crosses_iterations() -> None:
    given = nest("n", For("i", "0", "n", ["a[i] = t", "t = b[i]"]))
    refused(
        check(given, Parallelize("i"), Privatize("t")),
        Code.VALUE_CROSSES_ITERATIONS,
        "S1[i=0] (line 3) -> S0[i=1] (line 2) on t with n=2",
    )


def test_privatize_leaves_undecided_what_is_written_under_a_condition() -> None:
    given = nest("n", For("i", "0", "n", [If("?", "t = b[i]"), "a[i] = t"]))
    undecided(check(given, Parallelize("i"), Privatize("t")), Code.VALUE_CROSSES_ITERATIONS, waivable=True)


def test_the_last_value_is_carried_back_if_the_last_iteration_writes_it() -> None:
    loop = For("i", "0", "n", ["t = b[i]", "a[i] = t"])
    given = nest("n", loop, scalar("t", live_out=True))
    assert environment_of(check(given, Parallelize("i"), Privatize("t"))).lastprivate == ("t",)
    downwards = nest("n", replace(loop, lower="n - 1", upper="-1", step=-1), scalar("t", live_out=True))
    assert environment_of(check(downwards, Parallelize("i"), Privatize("t"))).lastprivate == ("t",)


@pytest.mark.parametrize("condition", ["i <= 3", "i mod 2 = 0"])
def test_a_last_value_of_an_earlier_iteration_is_refuted(condition: str) -> None:
    given = nest("n", For("i", "0", "n", [If(condition, "t = b[i]"), "a[i] = b[i]"]), scalar("t", live_out=True))
    legality = check(given, Parallelize("i"), Privatize("t"))
    assert isinstance(legality, Refuted)
    assert legality.code is Code.LAST_VALUE_USED
    assert legality.witness is not None
    assert {legality.witness.source.line, legality.witness.sink.line} == {2}
    assert analyze_nest(given).loops[0].legality == replace(legality, plan=Plan(given.id, (Parallelize("i"),)))


def test_a_last_value_that_depends_on_data_is_undecided() -> None:
    given = nest("n", For("i", "0", "n", If("?", "t = b[i]")), scalar("t", live_out=True))
    undecided(check(given, Parallelize("i"), Privatize("t")), Code.LAST_VALUE_USED, waivable=False)
    undecided(analyze_nest(given).loops[0].legality, Code.LAST_VALUE_USED, waivable=False)


def test_a_value_read_behind_the_loop_inside_the_nest_is_live() -> None:
    given = nest("n m", For("i", "0", "n", [For("j", "0", "m", "t = b[i][j]"), "a[i] = t"]), scalar("t"))
    legality = check(given, Parallelize("j"), Privatize("t"))
    assert environment_of(legality).lastprivate == ("t",)
    beside = [For("j", "0", "m", ["t = b[i][j]", "c[i][j] = t"]), For("k", "0", "m", ["t = b[i][k]", "a[i][k] = t"])]
    given = nest("n m", For("i", "0", "n", beside), scalar("t"))
    assert environment_of(check(given, Parallelize("j"), Privatize("t"))).private == ("t",)


def test_a_copy_whose_element_an_earlier_execution_of_the_loop_wrote_is_no_first_value() -> None:
    body = For("j", "1", "n", "c[i - 1] = c[i + 1]")
    given = nest("n", For("i", "n - 1", "0", body, step=-2), local_array("c", "64"))
    assert not isinstance(check(given, Parallelize("j"), Privatize("c")), Proved)


def iterators(live_out: bool, lower: str = "0", context: str = ":") -> LoopNest:
    outside = {"declares_iterator": False}
    loop = For("i", lower, "n", For("j", "0", "m", "a[i][j] = b[i][j]", facts=outside), facts=outside)
    variables = [scalar(name, element=INT, live_out=live_out) for name in ("i", "j")]
    return nest("n m", loop, *variables, context=context)


def test_iterators_declared_outside_become_private() -> None:
    assert environment_of(check(iterators(False), Parallelize("i"))) == DataEnvironment("i", private=("j",))
    assert environment_of(check(iterators(False), Parallelize("i", collapse=2))) == DataEnvironment("i")
    live = check(iterators(True, context=": n >= 1"), Parallelize("i"))
    assert environment_of(live) == DataEnvironment("i", lastprivate=("i", "j"))


def test_a_live_iterator_of_a_loop_that_may_not_run_is_guarded() -> None:
    legality = check(iterators(True), Parallelize("i"))
    assert environment_of(legality) == DataEnvironment("i", lastprivate=("i", "j"))
    assert kinds(legality) == [AssumptionKind.TRIP_COUNT]


def test_a_live_iterator_of_a_loop_that_the_last_iteration_may_not_reach_is_undecided() -> None:
    outside = {"declares_iterator": False}
    inside = For("k", "0", "m", "a[i][j][k] = 1", facts=outside)
    given = nest("n m", For("i", "0", "n", For("j", "i", "3", inside)), scalar("k", element=INT, live_out=True))
    undecided(check(given, Parallelize("i")), Code.LAST_VALUE_USED, waivable=False)
    assert environment_of(check(given, Parallelize("j"))) == DataEnvironment("j", lastprivate=("k",))


def test_a_live_iterator_of_a_reordered_loop_is_refused() -> None:
    legality = check(iterators(True), Interchange(("j", "i")))
    assert isinstance(legality, Refuted)
    assert legality.code is Code.LAST_VALUE_USED


# --- atomic


def test_atomic_accepts_a_scatter() -> None:
    given = nest("n", For("i", "0", "n", "h[?] += b[i]"), array("h", element=INT), array("b", element=INT))
    assert kinds(check(given, Parallelize("i"), Atomic("S0", "h"))) == []
    given = nest("n", For("i", "0", "n", "h[?] += b[i]"))
    assert kinds(check(given, Parallelize("i"), Atomic("S0", "h"))) == [AssumptionKind.REASSOCIATION]


def test_atomic_wants_all_updates_by_one_operator_and_no_other_use() -> None:
    given = nest("n", For("i", "0", "n", ["h[?] += b[i]", "h[?] += c[i]"]))
    undecided(check(given, Parallelize("i"), Atomic("S0", "h")), Code.STEP_DOES_NOT_FIT, waivable=False)
    assert isinstance(check(given, Parallelize("i"), Atomic("S0", "h"), Atomic("S1", "h")), Proved)
    mixed = nest("n", For("i", "0", "n", ["h[?] += b[i]", "h[?] *= c[i]"]))
    legality = check(mixed, Parallelize("i"), Atomic("S0", "h"), Atomic("S1", "h"))
    undecided(legality, Code.REDUCTION_NOT_ASSOCIATIVE, waivable=False)
    read = nest("n", For("i", "0", "n", ["h[0] += b[i]", "c[i] = h[0]"]))
    refused(
        check(read, Parallelize("i"), Atomic("S0", "h")),
        Code.REDUCTION_ESCAPES,
        "S0[i=0] (line 2) -> S1[i=1] (line 3) on h[0] with n=2",
    )


def test_atomic_does_not_lift_what_is_not_an_update() -> None:
    given = nest("n", For("i", "0", "n", ["h[?] += b[i]", "s max= b[i]"]))
    misfits(check(given, Parallelize("i"), Atomic("S1", "s")))
    misfits(check(given, Parallelize("i"), Atomic("S0", "b")))


# --- interchange


def two(statement: Any, *variables: Any, **facts: Any) -> LoopNest:
    return nest("n m", For("i", "1", "n", For("j", "1", "m - 1", statement)), *variables, **facts)


def test_interchange_accepts_forward_dependences_and_parallel_speaks_of_the_new_order() -> None:
    given = two("a[i][j] = a[i][j-1]")
    assert isinstance(check(given, Interchange(("j", "i"))), Proved)
    assert isinstance(check(given, Interchange(("j", "i")), Parallelize("i")), Proved)
    refused(
        check(given, Interchange(("j", "i")), Parallelize("j")),
        Code.FLOW_DEPENDENCE,
        "S0[i=1, j=1] (line 3) -> S0[i=1, j=2] (line 3) on a[1][1] with n=2, m=4",
    )
    outer = two("a[i][j] = a[i-1][j-1]")
    assert isinstance(check(outer, Parallelize("j")), Proved)
    assert not isinstance(check(outer, Interchange(("j", "i")), Parallelize("j")), Proved)


def test_interchange_refuses_to_reverse_a_dependence() -> None:
    refused(
        check(two("a[i][j] = a[i-1][j+1]"), Interchange(("j", "i"))),
        Code.SCHEDULE_REVERSES_DEPENDENCE,
        "S0[i=1, j=2] (line 3) -> S0[i=2, j=1] (line 3) on a[1][2] with n=3, m=4",
    )


def test_interchange_is_undecided_where_the_subscript_or_the_bound_is_unknown() -> None:
    undecided(check(two("a[?] = b[j]"), Interchange(("j", "i"))), Code.INDIRECT_SUBSCRIPT, waivable=True)
    blocked = nest("n m", For("i", "0", "n", For("j", "0", "m", "a[i][j] = b[j]", facts={"upper": "len[i]"})))
    undecided(check(blocked, Interchange(("j", "i"))), Code.NON_AFFINE_BOUND, waivable=False)


def test_interchange_reorders_sums_and_temporaries_but_not_last_values() -> None:
    assert kinds(check(two("s += b[i][j]"), Interchange(("j", "i")))) == [AssumptionKind.REASSOCIATION]
    refused(
        check(two("s += b[i][j]"), Interchange(("j", "i")), fp_strict=True),
        Code.STRICT_FP,
        "S0[i=1, j=2] (line 3) -> S0[i=2, j=1] (line 3) on s with n=3, m=4",
    )
    assert kinds(check(two(["t = b[i][j]", "a[i][j] = t"]), Interchange(("j", "i")))) == []
    last = two(["t = b[i][j]", "a[i][j] = t"], scalar("t", live_out=True))
    assert isinstance(check(last, Interchange(("j", "i"))), Refuted)


def test_a_temporary_must_be_written_in_the_iteration_that_stays_whole() -> None:
    given = two([If("j <= 1", "t = b[i][j]"), "a[i][j] = t"])
    crossing = "S0[i=1, j=1] (line 3) -> S1[i=1, j=2] (line 4) on t with n=2, m=4"
    assert environment_of(check(given, Parallelize("i"), Privatize("t"))).private == ("t",)
    refused(check(given, Parallelize("i", collapse=2), Privatize("t")), Code.VALUE_CROSSES_ITERATIONS, crossing)
    assert isinstance(check(given, Interchange(("j", "i"))), Refuted)
    assert isinstance(check(given, Tile(("i", "j"), (8, 8))), Refuted)
    legality = check(given, Tile(("i",), (8,)), Parallelize("i_tile"), Privatize("t"))
    assert environment_of(legality).private == ("t",)


def test_interchange_wants_a_perfect_band() -> None:
    imperfect = nest("n m", For("i", "0", "n", ["c[i] = 0", For("j", "0", "m", "a[i][j] = b[i][j]")]))
    misfits(check(imperfect, Interchange(("j", "i"))))
    misfits(check(two("a[i][j] = b[i][j]"), Interchange(("j", "j"))))
    misfits(check(two("a[i][j] = b[i][j]"), Tile(("i", "j"), (8, 8)), Interchange(("j", "i"))))


# --- tile


def test_tile_accepts_a_permutable_band_and_names_its_loops() -> None:
    given = two("a[i][j] = a[i][j-1]")
    assert isinstance(check(given, Tile(("i", "j"), (8, 8)), Parallelize("i_tile")), Proved)
    assert isinstance(check(given, Tile(("i", "j"), (8, 8)), Parallelize("i_tile"), Simd("j")), Refuted)
    free = two("a[i][j] = b[i][j]")
    legality = check(free, Tile(("i", "j"), (8, 8)), Parallelize("i_tile", collapse=2), Simd("j"))
    assert isinstance(legality, Proved)
    assert [item.loop for item in legality.environments] == ["i_tile", "j"]
    misfits(check(free, Tile(("i", "j"), (8, 8)), Parallelize("i_tile", collapse=3)))


def test_a_tile_loop_carries_what_crosses_tiles() -> None:
    refused(
        check(two("a[i][j] = a[i][j-1]"), Tile(("i", "j"), (8, 8)), Parallelize("j_tile")),
        Code.FLOW_DEPENDENCE,
        "S0[i=1, j=1] (line 3) -> S0[i=1, j=2] (line 3) on a[1][1] with n=2, m=4",
    )


def test_tile_refuses_a_negative_distance_but_not_in_tiles_of_one_iteration() -> None:
    given = two("a[i][j] = a[i-1][j+1]")
    refused(
        check(given, Tile(("i", "j"), (8, 8))),
        Code.SCHEDULE_REVERSES_DEPENDENCE,
        "S0[i=1, j=2] (line 3) -> S0[i=2, j=1] (line 3) on a[1][2] with n=3, m=4",
    )
    assert isinstance(check(given, Tile(("i", "j"), (1, 8))), Proved)
    assert isinstance(check(given, Tile(("i",), (8,))), Proved)


def test_tile_is_undecided_with_an_unknown_subscript() -> None:
    undecided(check(two("a[?] = b[j]"), Tile(("i", "j"), (8, 8))), Code.INDIRECT_SUBSCRIPT, waivable=True)


@pytest.mark.parametrize(
    "step",
    [
        Tile(("i", "j"), (8,)),
        Tile(("j", "i"), (8, 8)),
        Tile(("i", "j"), (0, 8)),
        Tile((), ()),
        Tile(("i", "i"), (8, 8)),
    ],
)
def test_tile_wants_a_band_in_its_order_with_sizes(step: Step) -> None:
    misfits(check(two("a[i][j] = b[i][j]"), step))


def test_a_statement_between_the_loops_keeps_them_from_being_a_band() -> None:
    given = nest("n m", For("i", "0", "n", [Read("len[i]"), For("j", "0", "m", "a[i][j] = b[i][j]")]))
    perfect = tuple(replace(loop, perfect_child="j") if loop.name == "i" else loop for loop in given.loops)
    given = replace(given, loops=perfect)
    undecided(check(given, Tile(("i", "j"), (8, 8))), Code.STEP_DOES_NOT_FIT, waivable=False)
    assert analyze_nest(given).bands == ()


def test_every_proof_names_the_arrays_that_must_not_overlap() -> None:
    def plain(name: str) -> Any:
        return array(name, 2, is_restrict=False, element=DOUBLE)

    given = two("a[i][j] = b[j][i]", plain("a"), plain("b"))
    for steps in ((Interchange(("j", "i")),), (Tile(("i", "j"), (8, 8)),), (Parallelize("i"),), (Simd("j"),)):
        legality = check(given, *steps)
        assert kinds(legality) == [AssumptionKind.NO_ALIAS]
