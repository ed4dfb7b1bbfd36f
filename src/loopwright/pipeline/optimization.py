"""File -> OptimizeReport: every stage in its order, function by function."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.analysis import NestAnalysis
from loopwright.core.candidate import Candidate, combine
from loopwright.core.function import Function
from loopwright.core.measurement import MeasurementFailed
from loopwright.core.plan import Plan
from loopwright.core.report import NestReport, OptimizeReport, ProposalReport
from loopwright.errors import ModelError
from loopwright.models.base import Model, is_no_model
from loopwright.models.registry import model_name, open_model
from loopwright.pipeline.analysis import Progress, silent
from loopwright.pipeline.judge import judge_proposals
from loopwright.pipeline.outcome import delivered, not_delivered, unsupported
from loopwright.pipeline.proposals import NestTools, Option, Recalled, collect
from loopwright.pipeline.trial import Contender, Trial
from loopwright.pipeline.workbench import Workbench, opened_workbench
from loopwright.propose.heuristic import Heuristic
from loopwright.propose.registry import require_strategy
from loopwright.propose.strategy import Strategy
from loopwright.render.diff import patch_path, unified_diff
from loopwright.toolchain.process import fence

MAX_OPTIONS = 3
"""Options per nest that are compiled and timed; proposals come best first."""

MODEL_SHARE = 0.4
"""Share of the budget that the model may spend, over all nests."""

SEARCH_SHARE = 0.6
"""Share of the budget after which no further option is tried; the rest is for the measurements that delivery rests on
and for verification, which may overrun it."""

MODEL_LEAST_S = 8.0
"""Time that a nest's model calls get at least, while that share lasts: a shorter one would be cut off for nothing."""

NAMED_LEAST_S = 25.0
"""The same for a model that the user named: who asks for a model wants its answer more than a run that ends in time."""


@dataclass(frozen=True, slots=True)
class Optimized:
    """The answer for one file: the report, the file with its patch applied, and what strategies had timed."""

    report: OptimizeReport
    content: bytes
    observed: tuple[tuple[Plan, float | None], ...] = ()


@dataclass(slots=True)
class _Run:
    """One proposer at one workbench."""

    bench: Workbench
    settings: Settings
    model: Model
    strategy: Strategy | None
    nests_left: int
    model_left_s: float
    judges: bool = False
    model_s: float | None = None
    recalled: Recalled | None = None
    observed: dict[Plan, float | None] = field(default_factory=dict[Plan, "float | None"])

    def take_model_time(self) -> float:
        """Return the time that the model may spend on the next nest; 0 if its share is used up."""
        if self.model_s is not None:
            return self.model_s
        if self.model_left_s <= 0.0:
            return 0.0
        is_named = self.settings.model is not None or self.settings.model_url is not None
        least_s = NAMED_LEAST_S if is_named else MODEL_LEAST_S
        return max(least_s, self.model_left_s / max(self.nests_left, 1))


def optimize(
    path: Path,
    *,
    flags: tuple[str, ...] = (),
    function: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> OptimizeReport:
    """Find parallel versions of the nests of ``path``; the report holds the patch, and nothing is written.

    Raises:
        UserError: The file cannot be read, does not parse, or has no such function.
        ToolchainError: There is no compiler.
        ModelError: The model was named and cannot be opened.
    """
    chosen = settings or from_environment()
    say = progress or silent
    start = time.monotonic()
    require_strategy(chosen.strategy)
    warnings: list[str] = []
    with ExitStack() as stack:
        bench = stack.enter_context(opened_workbench(path, flags, function, chosen, say))
        # A model takes seconds to load, and without a loop has nothing to say.
        asked = chosen if any(entry.nests for entry in _todo(bench, function)) else replace(chosen, model="none")
        model = stack.enter_context(_opened_model(asked, warnings, say))
        done = optimize_at(bench, model, chosen, path=path, function=function, start=start)
    return replace(done.report, warnings=(*done.report.warnings, *warnings))


def optimize_at(
    bench: Workbench,
    model: Model,
    settings: Settings,
    *,
    path: Path,
    function: str | None = None,
    start: float | None = None,
    judges: bool = False,
    model_s: float | None = None,
    recalled: Recalled | None = None,
) -> Optimized:
    """Let ``model`` propose at ``bench``; see ``optimize``.

    Args:
        bench: Of the file.
        model: Who proposes; it stays open.
        settings: Those of the bench but for strategy, seed and budget.
        path: The file's name in the patch.
        function: Look at this one alone.
        start: When the budget began to run, on the monotonic clock; now if None.
        judges: Verify and time the model's first plan of each nest too, when the search is over (see ``judge``).
        model_s: Time for the model in each nest, on top of the budget; None for a share of the budget.
        recalled: What strategies are told in place of this machine's facts and times, so that a replay repeats itself.
    """
    begun = time.monotonic() if start is None else start
    unit = bench.unit
    strategy = None if is_no_model(model) else require_strategy(settings.strategy)
    todo = _todo(bench, function)
    nests = sum(len(entry.nests) for entry in todo)
    run = _Run(bench, settings, model, strategy, nests, settings.budget_s * MODEL_SHARE, judges, model_s, recalled)
    deadline = begun + settings.budget_s + nests * (model_s or 0.0)
    reports: list[NestReport] = []
    candidates: list[Candidate] = []
    for index, entry in enumerate(todo):
        share = max(0.0, deadline - time.monotonic()) / (len(todo) - index)
        found, delivered_candidates = _optimize_function(run, entry, time.monotonic() + share)
        reports.extend(found)
        candidates.extend(delivered_candidates)
    content = combine(tuple(candidates)).content if candidates else unit.source.content
    report = OptimizeReport(
        path=str(path),
        nests=tuple(sorted(reports, key=lambda report: report.line)),
        patch=unified_diff(patch_path(path), unit.source.content, content),
        host=bench.host,
        model=model.name,
        strategy=settings.strategy if strategy is not None else Heuristic.name,
        seed=settings.seed,
        elapsed_s=time.monotonic() - begun,
        warnings=(*unit.warnings, *bench.host.missing, *_silent_model(model.name, reports)),
        options=_recorded(settings, unit.source.flags, function),
    )
    return Optimized(report, content, tuple(run.observed.items()))


def _todo(bench: Workbench, function: str | None) -> list[Function]:
    return [entry for entry in bench.unit.functions if function in (None, entry.name)]


def _optimize_function(run: _Run, function: Function, deadline: float) -> tuple[list[NestReport], list[Candidate]]:
    reports = [unsupported(item) for item in function.unsupported]
    if not function.nests:
        return reports, []
    analyses = run.bench.analyses(function)
    made = run.bench.trial(function, deadline)
    trial = made if isinstance(made, Trial) else None
    search_end = time.monotonic() + SEARCH_SHARE * max(0.0, deadline - time.monotonic())
    proposals: dict[str, tuple[ProposalReport, ...]] = {}
    found: dict[str, tuple[Option, ...]] = {}
    failures: dict[str, MeasurementFailed | None] = {}
    contenders: list[Contender] = []
    for index, analysis in enumerate(analyses):
        nest = analysis.nest
        proposals[nest.id], options = _propose(run, analysis, trial)
        found[nest.id] = options
        share = max(0.0, search_end - time.monotonic()) / (len(analyses) - index)
        best: Contender | MeasurementFailed | None = None
        if isinstance(made, Trial):
            best = made.best(nest, options[:MAX_OPTIONS], time.monotonic() + share)
        elif options:
            best = made
        failures[nest.id] = best if isinstance(best, MeasurementFailed) else None
        if isinstance(best, Contender):
            contenders.append(best)
            proposals[nest.id] = _with_measurements(proposals[nest.id], options, trial)
    chosen = trial.deliverable(trial.promising(contenders)) if trial else []
    if run.judges and trial is not None:
        proposals = judge_proposals(trial, function.nests, found, proposals)
    for analysis in analyses:
        nest = analysis.nest
        contender = next((item for item in contenders if item.nest is nest), None)
        if contender is not None and contender in chosen:
            reports.append(delivered(contender, proposals[nest.id]))
        else:
            reports.append(not_delivered(analysis, proposals[nest.id], contender, failures[nest.id], run.settings))
    return reports, [contender.option.candidate for contender in chosen]


def _propose(
    run: _Run, analysis: NestAnalysis, trial: Trial | None
) -> tuple[tuple[ProposalReport, ...], tuple[Option, ...]]:
    run.bench.say(f"planning {analysis.nest.id} with {run.model.name}")
    screen = trial.speedup if trial is not None else _no_clock
    tools = NestTools(run.bench.unit.source, analysis, run.settings, screen, run.recalled)
    host = run.recalled.host if run.recalled is not None else run.bench.host
    start = time.monotonic()
    deadline = start + run.take_model_time()
    found = collect(analysis, tools, run.model, run.strategy, host, run.settings, deadline)
    run.observed.update(tools.observed)
    run.nests_left -= 1
    run.model_left_s -= time.monotonic() - start
    return found


def _no_clock(_candidate: Candidate) -> None:
    return None


def _with_measurements(
    reports: tuple[ProposalReport, ...], options: tuple[Option, ...], trial: Trial | None
) -> tuple[ProposalReport, ...]:
    if trial is None:
        return reports
    timed = {option.proposal.plan: trial.screened.get(option.candidate.content) for option in options}
    return tuple(replace(report, measurement=timed.get(report.proposal.plan)) for report in reports)


@contextmanager
def _opened_model(settings: Settings, warnings: list[str], say: Progress) -> Generator[Model]:
    """Open the model; without one, go on with ``none`` unless the user asked for this one by name."""
    name = model_name(settings)
    say(f"opening model {name}")
    try:
        model = open_model(name, settings, say)
    except ModelError as error:
        if settings.model is not None or settings.model_url is not None:
            raise
        warnings.append(f"no model: {error.one_line()}; going on with --model none")
        model = open_model("none", settings)
    try:
        yield model
    finally:
        model.close()


def _silent_model(name: str, reports: list[NestReport]) -> list[str]:
    """Return a warning if the model was asked and never gave a plan that could be read."""
    asked = [
        item.proposal for report in reports for item in report.proposals if item.proposal.by.startswith(f"{name}/")
    ]
    if not asked or any(proposal.plan is not None for proposal in asked):
        return []
    return [f"no plan came from {name}: {asked[0].error}; the plans here are the heuristic's"]


def _recorded(settings: Settings, flags: tuple[str, ...], function: str | None) -> tuple[tuple[str, str], ...]:
    """Return the options that a replay needs."""
    return (
        ("flags", " ".join(flags)),
        ("function", function or ""),
        ("accept", "tested" if settings.accept_tested else "proved"),
        ("fp", "strict" if settings.fp_strict else "reassociation"),
        ("threads", str(settings.threads or len(os.sched_getaffinity(0)))),
        ("budget_s", str(settings.budget_s)),
        ("model_url", settings.model_url or ""),
        ("sandbox", fence().level.value),
    )
