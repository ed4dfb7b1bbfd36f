"""The paper's metrics of who proposes: success, rates of proposals, delivered correctness, quality, cost.

Every figure is defined in docs/bench-metrics.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, median

from loopwright.campaign.quality import score, total
from loopwright.campaign.records import HostRecords
from loopwright.core.campaign import PlanOutcome, Timing
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.measurement import Measurement, MeasurementFailed
from loopwright.core.metrics import Cost, ProposalCounts, ProposerMetrics, Quality, Rate, SpeedUps
from loopwright.core.proposal import Reply
from loopwright.core.report import NestOutcome, NestReport, ProposalReport
from loopwright.core.summary import Cell, SpeedUpTable
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.models.base import NO_MODEL
from loopwright.propose.heuristic import Heuristic

SAME_RESULTS = (Stage.COMPILE, Stage.DIFFERENTIAL)
_WRONG = "LW4"
"""The family of codes that say that a result, not just its speed, is at fault."""


def proposer_metrics(
    records: HostRecords, table: SpeedUpTable
) -> tuple[tuple[ProposerMetrics, ...], tuple[ProposerMetrics, ...], tuple[ProposerMetrics, ...]]:
    """Return the metrics per model and strategy, per model, and per strategy of those that ask a model.

    Args:
        records: Of one host.
        table: The speed-ups that count.
    """
    plans = records.plans
    pairs = sorted({(plan.model, plan.strategy) for plan in plans})
    models = sorted({plan.model for plan in plans})
    asked = [plan for plan in plans if not asks_nobody(plan)]
    strategies = sorted({plan.strategy for plan in asked})
    return (
        tuple(_metrics(model, name, _of(plans, model, name), records, table) for model, name in pairs),
        tuple(_metrics(model, "", _of(plans, model, ""), records, table) for model in models),
        tuple(_metrics("", name, _of(asked, "", name), records, table) for name in strategies),
    )


def asks_nobody(plan: PlanOutcome) -> bool:
    """Return True if no model is behind the outcome: the heuristic's proposals are then its own."""
    return plan.model == NO_MODEL or plan.strategy == Heuristic.name


def own_proposals(plan: PlanOutcome, nest: NestReport) -> tuple[ProposalReport, ...]:
    """Return the proposals that count for the outcome's model: not the heuristic's, unless there is no model."""
    by_heuristic = asks_nobody(plan)
    return tuple(item for item in nest.proposals if (item.proposal.by == Heuristic.name) == by_heuristic)


def findings_of(nest: NestReport, item: ProposalReport) -> tuple[Finding, ...]:
    """Return what the verification ladder said of a proposal; nothing if it was not climbed with it.

    The findings of a nest are those of the plan that it ended with.
    """
    if item.findings:
        return item.findings
    if item.proposal.plan is None or nest.basis is None or nest.basis.plan != item.proposal.plan:
        return ()
    return nest.findings


def _of(plans: Iterable[PlanOutcome], model: str, strategy: str) -> list[PlanOutcome]:
    return [plan for plan in plans if model in ("", plan.model) and strategy in ("", plan.strategy)]


def _metrics(
    model: str, strategy: str, plans: Sequence[PlanOutcome], records: HostRecords, table: SpeedUpTable
) -> ProposerMetrics:
    own = [
        (nest, item)
        for plan in plans
        for nest in plan.report.nests
        for item in own_proposals(plan, nest)
        if item.proposal.plan is not None and item.proposal.plan.steps
    ]
    judged = [(item, findings_of(nest, item)) for nest, item in own]
    nests = [(plan, nest) for plan in plans for nest in _plannable(plan)]
    won = [_succeeds(plan, nest) for plan, nest in nests]
    kernels_won = [any(_succeeds(plan, nest) for nest in _plannable(plan)) for plan in plans]
    return ProposerMetrics(
        model=model,
        strategy=strategy,
        kernels=len({plan.kernel for plan in plans}),
        speedups=_speedups(plans, table),
        kernel_success=_all_reached(kernels_won),
        nest_success=_all_reached(won),
        proposals=_counts(plans),
        legal=_all_reached([isinstance(item.legality, Proved) for item, _ in judged]),
        verified=_stage_rate(judged, SAME_RESULTS),
        race_free=_stage_rate(judged, (Stage.RACES,), (Stage.CONFLICTS,)),
        memory_safe=_stage_rate(judged, (Stage.ADDRESSES,)),
        sanitizer_pass=_stage_rate(judged, (Stage.RACES, Stage.ADDRESSES), (Stage.UNINITIALISED,)),
        delivered_correct=_delivered_correct(plans, records),
        quality=_quality(plans),
        cost=_cost(plans),
        faults=_faults(plans),
    )


def _plannable(plan: PlanOutcome) -> list[NestReport]:
    """Return the nests that somebody could propose for."""
    return [nest for nest in plan.report.nests if nest.outcome is not NestOutcome.UNSUPPORTED]


def _succeeds(plan: PlanOutcome, nest: NestReport) -> bool:
    """Return True if a plan of the proposer's own was legal, passed every check, and was measured faster."""
    own = [item for item in own_proposals(plan, nest) if item.proposal.plan is not None and item.proposal.plan.steps]
    delivered = nest.basis.plan if nest.outcome is NestOutcome.DELIVERED and nest.basis is not None else None
    return any(item.proposal.plan == delivered or _is_better(item) for item in own)


def _is_better(item: ProposalReport) -> bool:
    """Return True if a proposal that is not delivered went all the way by itself."""
    outcomes = {finding.stage: finding.outcome for finding in item.findings}
    return (
        not isinstance(item.legality, Refuted)
        and all(outcomes.get(stage) is Outcome.PASS for stage in SAME_RESULTS)
        and Outcome.FAIL not in outcomes.values()
        and isinstance(item.measurement, Measurement)
        and item.measurement.is_faster
    )


def _speedups(plans: Sequence[PlanOutcome], table: SpeedUpTable) -> SpeedUps:
    """Return one speed-up per kernel and method; what does not count is 1.0: the user keeps the original."""
    wanted = {(plan.kernel, plan.method) for plan in plans}
    cells = [cell for cell in table.cells if (cell.kernel, cell.method) in wanted]
    return speedups_of(cells, everywhere=True)


def speedups_of(cells: Sequence[Cell], *, everywhere: bool) -> SpeedUps:
    """Return the speed-ups of ``cells`` that count; with ``everywhere`` the others, too, as 1.0."""
    pairs = [(cell.speedup, cell.kernel) for cell in cells]
    known = [(speedup, kernel) for speedup, kernel in pairs if speedup is not None]
    best_on = max(known)[1] if known else ""
    if everywhere:
        return SpeedUps(tuple(1.0 if speedup is None else speedup for speedup, _ in pairs), best_on)
    return SpeedUps(tuple(speedup for speedup, _ in known), best_on)


def _counts(plans: Sequence[PlanOutcome]) -> ProposalCounts:
    counts: Counter[str] = Counter()
    for plan in plans:
        for nest in plan.report.nests:
            counts.update(_word(item) for item in own_proposals(plan, nest))
    return ProposalCounts(**counts)


def _word(item: ProposalReport) -> str:
    if item.proposal.plan is None:
        return "unreadable"
    if not item.proposal.plan.steps:
        return "empty"
    match item.legality:
        case Proved():
            return "proved"
        case Refuted():
            return "refuted"
        case Undecided() | None:
            return "undecided"


def _all_reached(answers: Sequence[bool]) -> Rate:
    return Rate(sum(answers), len(answers), len(answers))


def _stage_rate(
    judged: Sequence[tuple[ProposalReport, tuple[Finding, ...]]],
    passing: tuple[Stage, ...],
    not_failing: tuple[Stage, ...] = (),
) -> Rate:
    """Return how many passed every stage of ``passing`` and failed none of ``not_failing``.

    Those of which a stage of ``passing`` was run, not skipped, are reached. ``not_failing`` are the stages that are
    skipped where nothing can be learnt from them.
    """
    passed = reached = 0
    for _, findings in judged:
        outcomes = {finding.stage: finding.outcome for finding in findings}
        said = [outcomes.get(stage, Outcome.SKIPPED) for stage in passing]
        reached += any(outcome is not Outcome.SKIPPED for outcome in said)
        fails = any(outcomes.get(stage) is Outcome.FAIL for stage in not_failing)
        passed += all(outcome is Outcome.PASS for outcome in said) and not fails
    return Rate(passed, len(judged), reached)


def _delivered_correct(plans: Sequence[PlanOutcome], records: HostRecords) -> Rate:
    """Return how many deliveries were right in every field that they were run in; those never run were not reached."""
    passed = reached = 0
    delivered = [plan for plan in plans if plan.is_delivered]
    for plan in delivered:
        timings = [timing for timing in records.timings if (timing.kernel, timing.method) == (plan.kernel, plan.method)]
        said = [_is_right(timing) for timing in timings]
        known = [answer for answer in said if answer is not None]
        reached += bool(known)
        passed += bool(known) and all(known)
    return Rate(passed, len(delivered), reached)


def _is_right(timing: Timing) -> bool | None:
    """Return False if a check has something against the results, None if they were not looked at."""
    if timing.objections or (timing.failure is not None and timing.failure.value.startswith(_WRONG)):
        return False
    return True if timing.series is not None else None


def _quality(plans: Sequence[PlanOutcome]) -> Quality:
    scores: list[Quality] = []
    for plan in plans:
        nests = {nest.id: nest for nest in plan.report.nests}
        for facts in plan.facts:
            nest = nests.get(facts.nest)
            own = own_proposals(plan, nest) if nest is not None else ()
            scores.append(score((item.proposal.plan for item in own if item.proposal.plan is not None), facts))
    return total(scores)


def _cost(plans: Sequence[PlanOutcome]) -> Cost:
    replies = [reply for plan in plans for reply in _replies(plan)]
    calls = [call for plan in plans for call in _calls(plan)]
    times = [call.elapsed_s for call in calls]
    return Cost(
        calls=len(calls),
        response_mean_s=fmean(times) if times else None,
        response_median_s=median(times) if times else None,
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        completion_tokens=sum(reply.completion_tokens for reply in replies),
        optimize_mean_s=fmean(plan.report.elapsed_s for plan in plans) if plans else None,
        peak_bytes=max((plan.peak_bytes for plan in plans), default=0),
    )


def _replies(plan: PlanOutcome) -> tuple[Reply, ...]:
    """Return each reply once: several proposals of a nest may rest on the same one."""
    return tuple(
        reply
        for nest in plan.report.nests
        for reply in dict.fromkeys(reply for item in nest.proposals for reply in item.proposal.replies)
    )


def _calls(plan: PlanOutcome) -> tuple[Reply, ...]:
    """Return one reply of each call: all of a call have its prompt, seed, temperature and time."""
    replies = _replies(plan)
    return tuple({(item.messages, item.seed, item.temperature, item.elapsed_s): item for item in replies}.values())


def _faults(plans: Sequence[PlanOutcome]) -> tuple[tuple[str, int], ...]:
    """Return what stopped the proposer's own plans, the most frequent first."""
    counts: Counter[str] = Counter()
    for plan in plans:
        for nest in plan.report.nests:
            for item in own_proposals(plan, nest):
                counts.update(_fault(nest, item))
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _fault(nest: NestReport, item: ProposalReport) -> tuple[str, ...]:
    """Return the code of the first thing that went wrong with a proposal; nothing if it is fine or was not tried."""
    if isinstance(item.legality, Refuted | Undecided):
        return (item.legality.code.value,)
    failed = next((finding for finding in findings_of(nest, item) if finding.outcome is Outcome.FAIL), None)
    if failed is not None and failed.code is not None:
        return (failed.code.value,)
    match item.measurement:
        case MeasurementFailed(code=code):
            return (code.value,)
        case Measurement() if item.measurement.is_slower:
            return ("LW501",)
        case _:
            return ()
