from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.campaign.metrics import own_proposals
from loopwright.campaign.store import Store
from loopwright.campaign.summary import summarise
from loopwright.core.campaign import NestFacts, PlanOutcome
from loopwright.core.codes import Code
from loopwright.core.legality import Legality, Proved, Refuted, Undecided
from loopwright.core.measurement import Measurement, Series
from loopwright.core.metrics import ProposerMetrics, Rate
from loopwright.core.plan import Parallelize, Plan, Simd
from loopwright.core.proposal import Message, Proposal, Reply
from loopwright.core.report import NestOutcome, NestReport, OptimizeReport, ProposalReport
from loopwright.core.verdict import Finding, Outcome, Stage
from synthetic_campaign import host

I = Plan("f:1", (Parallelize("i"),))  # noqa: E741
J = Plan("f:1", (Parallelize("j"),))
K = Plan("f:1", (Simd("k"),))
EMPTY = Plan("f:1")
FASTER = Measurement(2.0, 1.9, 2.1, 2, "gcc", Series("c", (1.0,) * 6, ()), (), ratios=(2.0,) * 6)
SLOWER = replace(FASTER, median=0.5, low=0.4, high=0.6)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "results.db") as opened:
        yield opened


def proposal(
    plan: Plan | None,
    by: str = "embedded/tot",
    *,
    legality: Legality | None = None,
    replies: tuple[Reply, ...] = (),
    measurement: Measurement | None = None,
    findings: tuple[Finding, ...] = (),
) -> ProposalReport:
    said = legality if legality is not None or plan is None else Proved(plan, ())
    return ProposalReport(Proposal(by, plan, replies, "" if plan else "no JSON"), said, measurement, findings)


def finding(stage: Stage, outcome: Outcome = Outcome.PASS) -> Finding:
    return Finding(stage, outcome, "", Code.DATA_RACE if outcome is Outcome.FAIL else None)


def climbed(*, uninitialised: Outcome = Outcome.PASS) -> tuple[Finding, ...]:
    passed = (Stage.COMPILE, Stage.DIFFERENTIAL, Stage.RACES, Stage.ADDRESSES)
    return (*map(finding, passed), finding(Stage.UNINITIALISED, uninitialised))


def nest(
    *proposals: ProposalReport,
    ended_with: Plan | None = None,
    outcome: NestOutcome = NestOutcome.KEPT,
    findings: tuple[Finding, ...] = (),
    id: str = "f:1",
) -> NestReport:
    basis = Proved(ended_with, ()) if ended_with is not None else None
    return NestReport(id, "f", 1, outcome, basis=basis, proposals=proposals, findings=findings)


def outcome(*nests: NestReport, model: str = "embedded", kernel: str = "k", strategy: str = "tot") -> PlanOutcome:
    report = OptimizeReport("k.c", nests, "", host(), model, strategy, 0, 10.0)
    facts = NestFacts("f:1", ("i", "j", "k"), ("i",))
    return PlanOutcome(kernel, model, strategy, 0, report, b"", (facts,), 1 << 20)


def metrics(store: Store, *plans: PlanOutcome) -> ProposerMetrics:
    for plan in plans:
        store.put_plan(f"{plan.kernel} {plan.method}", "here", plan)
    return summarise(store).proposers[0]


def delivered(*proposals: ProposalReport, plan: Plan) -> NestReport:
    return nest(*proposals, ended_with=plan, outcome=NestOutcome.DELIVERED, findings=climbed())


def test_a_models_own_proposals_leave_out_the_heuristics() -> None:
    one = nest(proposal(I), proposal(J, "heuristic"))
    assert own_proposals(outcome(one), one) == (one.proposals[0],)
    assert own_proposals(outcome(one, model="none", strategy="heuristic"), one) == (one.proposals[1],)


def test_success_is_of_the_models_own_plan(store: Store) -> None:
    found = metrics(
        store,
        outcome(delivered(proposal(I), proposal(J, "heuristic"), plan=I), kernel="own"),
        outcome(delivered(proposal(I), proposal(J, "heuristic"), plan=J), kernel="heuristic"),
        outcome(delivered(proposal(I), proposal(I, "heuristic"), plan=I), kernel="both"),
        outcome(nest(proposal(I), ended_with=I), kernel="kept"),
    )
    assert (found.kernel_success, found.nest_success) == (Rate(2, 4, 4), Rate(2, 4, 4))


def test_success_counts_nests_that_somebody_could_propose_for(store: Store) -> None:
    lost = nest(proposal(I), id="f:9")
    unsupported = NestReport("g:1", "g", 1, NestOutcome.UNSUPPORTED, code=Code.GOTO)
    found = metrics(store, outcome(delivered(proposal(I), plan=I), lost, unsupported))
    assert (found.kernel_success, found.nest_success) == (Rate(1, 1, 1), Rate(1, 2, 2))


@pytest.mark.parametrize(
    ("item", "succeeds"),
    [
        (proposal(J, findings=climbed(), measurement=FASTER), True),
        (proposal(J, findings=climbed(), measurement=SLOWER), False),
        (proposal(J, findings=climbed()), False),
        (proposal(J, measurement=FASTER), False),
        (proposal(J, findings=(*climbed(), finding(Stage.CONFLICTS, Outcome.FAIL)), measurement=FASTER), False),
        (proposal(J, findings=climbed(), measurement=FASTER, legality=Refuted(J, Code.FLOW_DEPENDENCE, "")), False),
    ],
)
def test_a_proposal_may_succeed_by_itself(store: Store, item: ProposalReport, succeeds: bool) -> None:
    found = metrics(store, outcome(delivered(item, proposal(I, "heuristic"), plan=I)))
    assert found.kernel_success.passed == succeeds


def test_every_proposal_falls_in_one_class(store: Store) -> None:
    refuted = Refuted(J, Code.FLOW_DEPENDENCE, "j carries it")
    undecided = Undecided(K, Code.INDIRECT_SUBSCRIPT, "x[col[k]]")
    found = metrics(
        store,
        outcome(
            nest(
                proposal(None),
                proposal(EMPTY),
                proposal(I),
                proposal(J, legality=refuted),
                proposal(J, legality=refuted),
                proposal(K, legality=undecided),
                proposal(I, "heuristic"),
            )
        ),
    )
    counts = found.proposals
    assert (counts.unreadable, counts.empty, counts.refuted, counts.undecided, counts.proved) == (1, 1, 2, 1, 1)
    assert (counts.total, counts.judged) == (6, 4)
    assert found.legal == Rate(1, 4, 4)
    assert found.faults == (("LW101", 2), ("LW209", 1))


def test_what_never_got_to_a_check_counts_as_not_passed(store: Store) -> None:
    refuted = proposal(J, legality=Refuted(J, Code.FLOW_DEPENDENCE, ""))
    found = metrics(store, outcome(delivered(proposal(I), refuted, proposal(K), plan=I)))
    for rate in (found.verified, found.race_free, found.memory_safe, found.sanitizer_pass):
        assert rate == Rate(passed=1, total=3, reached=1)


def test_a_race_leaves_the_later_checks_unreached(store: Store) -> None:
    findings = (*climbed()[:2], finding(Stage.RACES, Outcome.FAIL))
    found = metrics(store, outcome(nest(proposal(I), ended_with=I, outcome=NestOutcome.REFUSED, findings=findings)))
    assert found.verified == Rate(1, 1, 1)
    assert found.race_free == Rate(0, 1, 1)
    assert found.memory_safe == Rate(0, 1, 0)
    assert found.sanitizer_pass == Rate(0, 1, 1)
    assert found.faults == (("LW403", 1),)


@pytest.mark.parametrize(("said", "passed"), [(Outcome.PASS, 1), (Outcome.SKIPPED, 1), (Outcome.FAIL, 0)])
def test_sanitizers_pass_unless_one_fails(store: Store, said: Outcome, passed: int) -> None:
    found = metrics(store, outcome(nest(proposal(I), ended_with=I, findings=climbed(uninitialised=said))))
    assert found.sanitizer_pass == Rate(passed, 1, 1)


@pytest.mark.parametrize(("pairs", "faults"), [(6, (("LW501", 1),)), (5, ())])
def test_certainly_slower_needs_an_interval(store: Store, pairs: int, faults: tuple[tuple[str, int], ...]) -> None:
    item = proposal(I, measurement=replace(SLOWER, ratios=(0.5,) * pairs))
    assert metrics(store, outcome(nest(item))).faults == faults


def test_a_conflict_is_a_race(store: Store) -> None:
    findings = (*climbed(), finding(Stage.CONFLICTS, Outcome.FAIL))
    found = metrics(store, outcome(nest(proposal(I), ended_with=I, findings=findings)))
    assert found.race_free == Rate(0, 1, 1)


def test_quality_is_of_the_models_claims(store: Store) -> None:
    found = metrics(store, outcome(nest(proposal(J), proposal(I, "heuristic"))))
    assert (found.quality.right, found.quality.wrong, found.quality.missed) == (0, 1, 1)


def test_a_call_with_several_replies_takes_its_time_once(store: Store) -> None:
    first = Reply("a", 100, 10, None, 2.0, "m", (Message("user", "x"),))
    second = replace(first, text="b", completion_tokens=20)
    other = replace(first, messages=(Message("user", "y"),), elapsed_s=4.0)
    found = metrics(store, outcome(nest(proposal(I, replies=(first,)), proposal(J, replies=(first, second, other)))))
    cost = found.cost
    assert (cost.calls, cost.response_mean_s, cost.response_median_s) == (2, 3.0, 3.0)
    assert (cost.prompt_tokens, cost.completion_tokens) == (200, 40)
    assert (cost.optimize_mean_s, cost.peak_bytes) == (10.0, 1 << 20)


def test_groups_by_strategy_leave_out_what_asks_no_model(store: Store) -> None:
    for strategy in ("cot", "tot"):
        metrics(store, outcome(nest(proposal(I)), strategy=strategy))
    metrics(store, outcome(nest(proposal(I, "heuristic")), model="none", strategy="heuristic"))
    summary = summarise(store)
    assert [(item.model, item.strategy) for item in summary.by_strategy] == [("", "cot"), ("", "tot")]
    assert [(item.model, item.proposals.total) for item in summary.by_model] == [("embedded", 2), ("none", 1)]
