"""Store -> rows of the exported tables: nested values are laid flat, and little is computed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Protocol

from loopwright.campaign.columns import HostRow, PlanRow, Record, ReplyRow, SampleRow, TimingRow, WorkRow
from loopwright.core.campaign import NestFacts, Peaks, PlanOutcome, Timing, Work
from loopwright.core.codec import encode
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.measurement import Environment, Measurement, MeasurementFailed
from loopwright.core.plan import Plan
from loopwright.core.proposal import Reply
from loopwright.core.report import NestOutcome, NestReport, ProposalReport
from loopwright.core.verdict import Finding, Stage

Sizes = tuple[tuple[str, int], ...]


class Contents(Protocol):
    """The part of a store that is exported."""

    def plans(self) -> Iterable[tuple[str, str, PlanOutcome]]:
        """Yield key, host and outcome."""
        ...

    def fields(self) -> Iterable[tuple[str, str, tuple[Timing, ...]]]:
        """Yield key, host and the timings of one field."""
        ...

    def hosts(self) -> Iterable[tuple[str, Environment, tuple[Peaks, ...]]]:
        """Yield the name of a host, what it is, and its peaks."""
        ...

    def works(self) -> Iterable[tuple[str, Work]]:
        """Yield host and work."""
        ...

    def all_replies(self) -> Iterable[tuple[str, str, tuple[Reply, ...]]]:
        """Yield key, model and replies of each call."""
        ...


def flatten(contents: Contents) -> dict[str, tuple[object, ...]]:
    """Return the rows of every table of ``columns.TABLES``, in the order of the store."""
    fields = list(contents.fields())
    return {
        "plans": tuple(row for plan in contents.plans() for row in plan_rows(*plan)),
        "timings": tuple(timing_row(key, host, timing) for key, host, timings in fields for timing in timings),
        "samples": tuple(row for field in fields for row in sample_rows(*field)),
        "works": tuple(
            WorkRow(host, work.kernel, sizes_text(work.sizes), work.flops, work.compulsory_bytes, work.source)
            for host, work in contents.works()
        ),
        "hosts": tuple(row for host in contents.hosts() for row in host_rows(*host)),
        "replies": tuple(row for call in contents.all_replies() for row in reply_rows(*call)),
    }


def sizes_text(sizes: Sizes) -> str:
    """Return sizes as a cell: ``n=8 m=3``."""
    return " ".join(f"{name}={value}" for name, value in sizes)


def plan_rows(key: str, host: str, outcome: PlanOutcome) -> Iterator[PlanRow]:
    """Yield the row of an evaluation, then of each nest with its proposals."""
    facts = {fact.nest: fact for fact in outcome.facts}
    nests = outcome.report.nests
    yield _plan_row(
        key,
        host,
        outcome,
        Record.EVALUATION,
        is_delivered=outcome.is_delivered,
        replies=_replies(proposal for nest in nests for proposal in nest.proposals),
    )
    for nest in nests:
        yield _plan_row(
            key,
            host,
            outcome,
            Record.NEST,
            nest=nest,
            is_delivered=nest.outcome is NestOutcome.DELIVERED,
            findings=nest.findings,
            measurement=nest.measurement,
            replies=_replies(nest.proposals),
            facts=facts.get(nest.id),
        )
        for index, proposal in enumerate(nest.proposals):
            yield _plan_row(
                key,
                host,
                outcome,
                Record.PROPOSAL,
                nest=nest,
                proposal=proposal,
                index=index,
                findings=proposal.findings,
                measurement=proposal.measurement,
                replies=proposal.proposal.replies,
            )


def _plan_row(
    key: str,
    host: str,
    outcome: PlanOutcome,
    record: Record,
    *,
    nest: NestReport | None = None,
    proposal: ProposalReport | None = None,
    index: int | None = None,
    is_delivered: bool | None = None,
    findings: tuple[Finding, ...] = (),
    measurement: Measurement | MeasurementFailed | None = None,
    replies: tuple[Reply, ...] = (),
    facts: NestFacts | None = None,
) -> PlanRow:
    said = {finding.stage: finding.outcome.value for finding in findings}
    measured = measurement if isinstance(measurement, Measurement) else None
    of_nest = nest if record is Record.NEST else None
    legality, code, reason = _answer(of_nest, proposal)
    interval = measured.interval if measured is not None else None
    plan = _plan(of_nest, proposal)
    calls = {(reply.messages, reply.seed, reply.temperature, reply.elapsed_s): reply for reply in replies}
    return PlanRow(
        key=key,
        host=host,
        kernel=outcome.kernel,
        model=outcome.model,
        strategy=outcome.strategy,
        seed=outcome.seed,
        method=outcome.method,
        record=record.value,
        nest=nest.id if nest is not None else None,
        proposal=index,
        by=proposal.proposal.by if proposal is not None else None,
        is_delivered=is_delivered,
        outcome=of_nest.outcome.value if of_nest is not None else None,
        label=of_nest.label.value if of_nest is not None and of_nest.label is not None else None,
        plan=json.dumps(encode(plan.steps)) if plan is not None else None,
        error=(proposal.proposal.error or None) if proposal is not None else None,
        legality=legality,
        code=code,
        reason=reason or None,
        compile=said.get(Stage.COMPILE),
        differential=said.get(Stage.DIFFERENTIAL),
        races=said.get(Stage.RACES),
        addresses=said.get(Stage.ADDRESSES),
        uninitialised=said.get(Stage.UNINITIALISED),
        conflicts=said.get(Stage.CONFLICTS),
        speedup=measured.median if measured is not None else None,
        speedup_low=interval[0] if interval is not None else None,
        speedup_high=interval[1] if interval is not None else None,
        threads=measured.threads if measured is not None else None,
        baseline=measured.baseline if measured is not None else None,
        measurement_failed=measurement.code.value if isinstance(measurement, MeasurementFailed) else None,
        replies=len(replies),
        prompt_tokens=sum(reply.prompt_tokens for reply in calls.values()),
        completion_tokens=sum(reply.completion_tokens for reply in replies),
        response_s=sum(reply.elapsed_s for reply in calls.values()),
        loops=len(facts.loops) if facts is not None else None,
        true_parallel=" ".join(facts.parallel) if facts is not None else None,
        true_reductions=" ".join(f"{name}:{operator.value}" for name, operator in facts.reductions)
        if facts is not None
        else None,
        true_privates=" ".join(facts.privates) if facts is not None else None,
        elapsed_s=outcome.report.elapsed_s if record is Record.EVALUATION else None,
        peak_bytes=(outcome.peak_bytes or None) if record is Record.EVALUATION else None,
    )


def _plan(nest: NestReport | None, proposal: ProposalReport | None) -> Plan | None:
    """Return the plan that a row is of: the proposal's, else the one that the nest ended with."""
    if proposal is not None:
        return proposal.proposal.plan
    return nest.basis.plan if nest is not None and nest.basis is not None else None


def _answer(nest: NestReport | None, proposal: ProposalReport | None) -> tuple[str | None, str | None, str]:
    """Return legality, code and reason: of the proposal, else of the nest, else of nothing."""
    if proposal is not None:
        match proposal.legality:
            case Proved():
                return "proved", None, ""
            case Refuted(code=code, reason=reason):
                return "refuted", code.value, reason
            case Undecided(code=code, reason=reason):
                return "undecided", code.value, reason
            case None:
                return None, None, ""
    if nest is not None:
        return None, nest.code.value if nest.code is not None else None, nest.reason
    return None, None, ""


def _replies(proposals: Iterable[ProposalReport]) -> tuple[Reply, ...]:
    return tuple(reply for proposal in proposals for reply in proposal.proposal.replies)


def timing_row(key: str, host: str, timing: Timing) -> TimingRow:
    """Return the row of one method in one field."""
    series = timing.series
    is_compared = series is not None and timing.median > 0.0
    interval = timing.interval
    return TimingRow(
        key=key,
        host=host,
        kernel=timing.kernel,
        sizes=sizes_text(timing.sizes),
        threads=timing.threads,
        method=timing.method,
        kind=timing.kind.value,
        label=timing.label,
        baseline=timing.baseline or None,
        speedup=timing.median if is_compared else None,
        speedup_low=interval[0] if interval is not None else None,
        speedup_high=interval[1] if interval is not None else None,
        counts=timing.counts,
        median_s=series.median_s if series is not None and series.samples_s else None,
        least_s=min(series.samples_s) if series is not None and series.samples_s else None,
        samples=len(series.samples_s) if series is not None else 0,
        warmups=len(series.warmups_s) if series is not None else 0,
        is_threaded=timing.is_threaded,
        compile_s=timing.compile_s,
        peak_bytes=timing.peak_bytes or None,
        objections="; ".join(timing.objections) or None,
        failure=timing.failure.value if timing.failure is not None else None,
        reason=timing.reason or None,
    )


def sample_rows(key: str, host: str, timings: tuple[Timing, ...]) -> Iterator[SampleRow]:
    """Yield the raw samples of one field, method by method, warm-ups first."""
    for timing in timings:
        if timing.series is None:
            continue
        for is_warmup, samples in ((True, timing.series.warmups_s), (False, timing.series.samples_s)):
            for index, seconds in enumerate(samples):
                yield SampleRow(
                    key,
                    host,
                    timing.kernel,
                    sizes_text(timing.sizes),
                    timing.threads,
                    timing.method,
                    is_warmup,
                    index,
                    seconds,
                )


def host_rows(host: str, environment: Environment, peaks: tuple[Peaks, ...]) -> Iterator[HostRow]:
    """Yield a row per number of threads for which there are peaks."""
    for peak in peaks or (None,):
        yield HostRow(
            host=host,
            cpu=environment.cpu,
            cores=environment.cores,
            l1d_bytes=environment.l1d_bytes or None,
            l2_bytes=environment.l2_bytes or None,
            l3_bytes=environment.l3_bytes or None,
            memory_bytes=environment.memory_bytes,
            system=environment.system,
            compilers="; ".join(compiler.version for compiler in environment.compilers),
            missing="; ".join(environment.missing) or None,
            threads=peak.threads if peak is not None else None,
            bytes_per_s=peak.bytes_per_s if peak is not None else None,
            double_flop_per_s=peak.double_flop_per_s if peak is not None else None,
            single_flop_per_s=peak.single_flop_per_s if peak is not None else None,
        )


def reply_rows(call_key: str, model: str, replies: tuple[Reply, ...]) -> Iterator[ReplyRow]:
    """Yield a row per answer to one call."""
    for index, reply in enumerate(replies):
        yield ReplyRow(
            call_key=call_key,
            model=model,
            reply=index,
            text=reply.text,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            log_probability=reply.log_probability,
            elapsed_s=reply.elapsed_s,
            seed=reply.seed,
            temperature=reply.temperature,
            prompt_characters=sum(len(message.content) for message in reply.messages),
        )
