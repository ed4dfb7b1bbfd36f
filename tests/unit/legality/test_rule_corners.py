"""Corners of the rules that no other test would defend against the loss of a line; tests/mutation names that line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopwright.core.assumption import AssumptionKind
from loopwright.core.codes import Code
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.nest import LoopNest, ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Schedule, Simd, Step
from loopwright.core.variable import ElementKind, ElementType, Storage
from loopwright.legality.analyze import analyze_nest
from loopwright.legality.check import check_plan
from loopwright.legality.overlap import may_overlap
from nests import INT, For, If, array, local_array, nest, scalar

ADD = ReductionOperator.ADD
BOOL = ElementType("_Bool", ElementKind.BOOL, 1)


def check(given: LoopNest, *steps: Step) -> Legality:
    return check_plan(analyze_nest(given), Plan(given.id, steps))


def proved(given: LoopNest, *steps: Step) -> Proved:
    legality = check(given, *steps)
    assert isinstance(legality, Proved), legality
    return legality


def test_each_of_two_elements_that_a_statement_reads_counts() -> None:
    for reads in ("a[i] a[i-1]", "a[i-1] a[i]"):
        legality = check(nest("n", For("i", "1", "n", f"a[i] = {reads}")), Parallelize("i"))
        assert isinstance(legality, Refuted)
        assert legality.code is Code.FLOW_DEPENDENCE


def test_updates_that_a_new_order_turned_round_still_meet() -> None:
    given = nest("n m", For("i", "0", "n", For("j", "0", "m", "h[i + j] += b[i][j]")), array("h", element=INT))
    assert isinstance(check(given, Interchange(("j", "i"))), Proved)
    assert isinstance(check(given, Interchange(("j", "i")), Parallelize("j")), Refuted)


def test_the_last_iteration_of_a_strided_loop_is_the_last_that_runs() -> None:
    loop = For("i", "0", "n", ["t = b[i]", "a[i] = t"], step=2)
    (environment,) = proved(nest("n", loop, scalar("t", live_out=True)), Parallelize("i"), Privatize("t")).environments
    assert environment.lastprivate == ("t",)


@pytest.mark.parametrize(("written", "is_last"), [("i = 0", True), ("i = n - 1", False)])
def test_the_last_iteration_of_a_loop_that_counts_down_is_the_lowest(written: str, is_last: bool) -> None:
    loop = For("i", "n - 1", "-1", [If(written, "t = b[i]"), "a[i] = b[i]"], step=-1)
    given = nest("n", loop, scalar("t", live_out=True), context=": n >= 2")
    assert isinstance(check(given, Parallelize("i"), Privatize("t")), Proved) is is_last


def test_each_execution_of_an_inner_loop_has_a_last_iteration() -> None:
    inner = For("j", "0", "i + 1", [If("j = n - 1", "t = b[j]"), "a[i][j] = b[j]"])
    given = nest("n", For("i", "0", "n", inner), scalar("t", live_out=True), context=": n >= 2")
    legality = check(given, Parallelize("j"), Privatize("t"))
    assert not isinstance(legality, Proved)
    assert legality.code is Code.LAST_VALUE_USED


def test_a_last_value_that_a_condition_on_data_may_write_is_not_refuted() -> None:
    body = [If("i < n - 1", "t = b[i]"), If("?", "t = c[i]")]
    given = nest("n", For("i", "0", "n", body), scalar("t", live_out=True))
    legality = check(given, Parallelize("i"), Privatize("t"))
    assert isinstance(legality, Undecided)
    assert legality.code is Code.LAST_VALUE_USED


def test_a_loop_that_may_not_run_gets_a_guard_where_a_clause_would_lose_a_value() -> None:
    loop = For("i", "0", "n", ["t = b[i]", "a[i] = t"])
    given = nest("n", loop, scalar("t", live_out=True))
    (assumption,) = proved(given, Parallelize("i"), Privatize("t")).assumptions
    assert (assumption.kind, assumption.guard) == (AssumptionKind.TRIP_COUNT, "(n - (0)) > 0")
    runs = replace(given, context=nest("n", loop, context=": n >= 1").context)
    assert proved(runs, Parallelize("i"), Privatize("t")).assumptions == ()


@pytest.mark.parametrize(("element", "kinds"), [(INT, [AssumptionKind.TRIP_COUNT]), (BOOL, [])])
def test_a_logical_reduction_changes_an_integer_even_if_nothing_runs(
    element: ElementType, kinds: list[AssumptionKind]
) -> None:
    given = nest("n", For("i", "0", "n", "s &&= b[i]"), scalar("s", element=element, live_out=True))
    steps = (Parallelize("i"), Reduce("s", ReductionOperator.LOGICAL_AND))
    assert [assumption.kind for assumption in proved(given, *steps).assumptions] == kinds


def test_simd_has_no_first_values() -> None:
    body = [If("i >= 1", "w[i] = b[i]"), If("i >= 1", "a[i] = w[0]")]
    given = nest("n", For("i", "0", "n", body), local_array("w", "64"))
    (environment,) = proved(given, Parallelize("i"), Privatize("w")).environments
    assert environment.firstprivate == ("w",)
    legality = check(given, Simd("i"), Privatize("w"))
    assert isinstance(legality, Refuted)
    assert legality.code is Code.STEP_DOES_NOT_FIT


def test_without_strict_aliasing_a_pointer_reaches_an_object_of_any_type() -> None:
    given = nest("n", For("i", "0", "n", "a[i] = b[i]"))
    pointer = array("p", is_restrict=False)
    whole = scalar("g", element=INT, storage=Storage.GLOBAL)
    assert not may_overlap(given, pointer, whole)
    assert may_overlap(replace(given, strict_aliasing=False), pointer, whole)


def two(*body: Any, variables: tuple[Any, ...] = ()) -> LoopNest:
    return nest("n m", For("i", "1", "n", For("j", "1", "m", list(body))), *variables)


def test_updates_by_two_operators_keep_their_order() -> None:
    assert isinstance(check(two("s += b[i][j]"), Interchange(("j", "i"))), Proved)
    assert isinstance(check(two("s += b[i][j]", "s *= c[i][j]"), Interchange(("j", "i"))), Refuted)


def test_a_temporary_whose_address_was_taken_is_none() -> None:
    body = ("t = b[i][j]", "a[i][j] = t")
    assert isinstance(check(two(*body, variables=(scalar("t"),)), Interchange(("j", "i"))), Proved)
    seen = scalar("t", address_taken=True)
    assert not isinstance(check(two(*body, variables=(seen,)), Interchange(("j", "i"))), Proved)


def test_a_copy_that_must_live_through_an_iteration_that_the_new_order_cuts() -> None:
    body = ([If("j = 0", "w[i] = b[i]"), "a[i][j] = w[i]"],)
    given = nest("n m", For("i", "0", "n", For("j", "0", "m", body[0])), local_array("w", "64"))
    assert isinstance(check(given, Interchange(("j", "i")), Parallelize("i")), Proved)
    assert not isinstance(check(given, Interchange(("j", "i")), Parallelize("i"), Privatize("w")), Proved)


def test_a_new_order_needs_a_guard_for_every_pair_that_may_overlap() -> None:
    pair = (array("a", 2, is_restrict=False), array("b", 1, is_restrict=False))
    given = two("a[i][j] = b[?]", variables=pair)
    legality = check(given, Interchange(("j", "i")))
    assert isinstance(legality, Undecided)
    assert legality.code is Code.ALIAS_UNGUARDED


def test_a_data_step_that_no_parallel_loop_uses_is_refuted() -> None:
    body = [For("j", "0", "m", "a[j] = b[j]"), For("k", "0", "m", "s += c[k]")]
    given = nest("n m", For("t", "0", "n", body), scalar("s"))
    assert isinstance(check(given, Parallelize("j")), Proved)
    legality = check(given, Parallelize("j"), Reduce("s", ADD))
    assert isinstance(legality, Refuted)
    assert legality.code is Code.STEP_DOES_NOT_FIT


@pytest.mark.parametrize(
    "step",
    [
        Parallelize("i", num_threads=0),
        Parallelize("i", num_threads=5000),
        Parallelize("i", Schedule.STATIC, 0),
        Parallelize("i", chunk=4),
        Parallelize("i", collapse=0),
    ],
)
def test_numbers_that_no_directive_takes(step: Parallelize) -> None:
    legality = check(nest("n", For("i", "0", "n", "a[i] = b[i]")), step)
    assert isinstance(legality, Refuted)
    assert legality.code is Code.STEP_DOES_NOT_FIT


def test_every_collapsed_loop_must_take_the_directive() -> None:
    inner = For("j", "0", "m", "a[i][j] = b[i][j]", facts={"is_canonical": False})
    given = nest("n m", For("i", "0", "n", inner))
    assert isinstance(check(given, Parallelize("i")), Proved)
    assert isinstance(check(given, Parallelize("i", collapse=2)), Undecided)


def test_collapsed_loops_carry_no_last_value_back() -> None:
    body = For("j", "0", "m", ["t = b[i][j]", "a[i][j] = t"])
    given = nest("n m", For("i", "0", "n", body), scalar("t", live_out=True), context=": n >= 1 and m >= 1")
    assert isinstance(check(given, Parallelize("i"), Privatize("t")), Proved)
    legality = check(given, Parallelize("i", collapse=2), Privatize("t"))
    assert isinstance(legality, Refuted)
    assert legality.code is Code.LAST_VALUE_USED


def test_a_value_that_a_loop_beside_it_reads_first_is_live() -> None:
    body = [For("j", "0", "m", "t = b[i][j]"), For("k", "0", "m", "a[i][k] = t")]
    given = nest("n m", For("i", "0", "n", body), scalar("t"))
    (environment,) = proved(given, Parallelize("j"), Privatize("t")).environments
    assert environment.lastprivate == ("t",)


def test_an_update_in_a_helper_gets_no_directive() -> None:
    inner = For("j", "0", "m", "h[?] += b[j]", facts={"is_inlined": True})
    given = nest("n m", For("i", "0", "n", inner), array("h", element=INT))
    legality = check(given, Parallelize("i"), Atomic("S0", "h"))
    assert isinstance(legality, Refuted)
    assert legality.code is Code.STEP_DOES_NOT_FIT
