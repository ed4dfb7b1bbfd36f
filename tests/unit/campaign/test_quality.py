from __future__ import annotations

import pytest

from loopwright.campaign.quality import claims, score, total, truths
from loopwright.core.campaign import NestFacts
from loopwright.core.metrics import Quality
from loopwright.core.nest import ReductionOperator
from loopwright.core.plan import Atomic, Interchange, Parallelize, Plan, Privatize, Reduce, Simd, Step, Tile

FACTS = NestFacts(
    "f:1", ("i", "j", "k"), parallel=("i", "j"), reductions=(("s", ReductionOperator.ADD),), privates=("t",)
)


def plan(*steps: Step) -> Plan:
    return Plan("f:1", steps)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), set()),
        ((Parallelize("i"),), {("parallel", "i")}),
        ((Simd("k"),), {("parallel", "k")}),
        ((Parallelize("i", collapse=2),), {("parallel", "i"), ("parallel", "j")}),
        # Behind the interchange, k is the loop inside of i.
        ((Interchange(("i", "k", "j")), Parallelize("i", collapse=2)), {("parallel", "i"), ("parallel", "k")}),
        ((Tile(("i", "j"), (8, 8)), Parallelize("i_tile", collapse=2)), {("parallel", "i"), ("parallel", "j")}),
        ((Tile(("i",), (8,)), Simd("i")), {("parallel", "i")}),
        ((Reduce("s", ReductionOperator.MULTIPLY),), {("reduction", "s", "*")}),
        ((Privatize("t"),), {("private", "t")}),
        ((Atomic("S0", "s"),), set()),
        # A loop that is not there is a claim all the same, and a wrong one.
        ((Parallelize("x", collapse=3),), {("parallel", "x")}),
    ],
)
def test_claims_of_a_plan(steps: tuple[Step, ...], expected: set[tuple[str, ...]]) -> None:
    assert claims(plan(*steps), FACTS) == expected


def test_truths_are_the_claims_of_exact_analysis() -> None:
    assert truths(FACTS) == {("parallel", "i"), ("parallel", "j"), ("reduction", "s", "+"), ("private", "t")}


def test_score_counts_every_claim_once_whatever_the_number_of_plans() -> None:
    plans = (plan(Parallelize("i")), plan(Parallelize("i"), Simd("k")), plan(Privatize("t")))
    assert score(plans, FACTS) == Quality(right=2, wrong=1, missed=2)


def test_a_reduction_by_another_operator_is_wrong() -> None:
    found = score((plan(Reduce("s", ReductionOperator.MAX)),), FACTS)
    assert (found.right, found.wrong, found.missed) == (0, 1, 4)


def test_total_is_the_micro_average() -> None:
    both = total((Quality(3, 1, 0), Quality(0, 0, 4)))
    assert both == Quality(3, 1, 4)
    assert both.precision == pytest.approx(3 / 4)
    assert both.recall == pytest.approx(3 / 7)
    assert both.f1 == pytest.approx(2 * (3 / 4) * (3 / 7) / (3 / 4 + 3 / 7))


def test_nothing_to_claim_and_nothing_claimed_has_no_score() -> None:
    empty = total(())
    assert (empty.precision, empty.recall, empty.f1) == (None, None, None)
    assert Quality(0, 2, 0).f1 == 0.0
