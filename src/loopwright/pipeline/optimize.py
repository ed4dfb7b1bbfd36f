"""File -> OptimizeReport: every stage in its order, function by function."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.analysis import NestAnalysis
from loopwright.core.candidate import Candidate, combine
from loopwright.core.function import Function, TranslationUnit
from loopwright.core.measurement import Environment, MeasurementFailed
from loopwright.core.report import NestReport, OptimizeReport, ProposalReport
from loopwright.errors import ModelError
from loopwright.frontend.extract import extract
from loopwright.harness.harness import Harness
from loopwright.harness.spec import KernelSpec, load_spec
from loopwright.harness.subject import NoHarness, make_subject
from loopwright.legality.analyze import analyze_nest
from loopwright.models.base import Model, is_no_model
from loopwright.models.registry import model_name, open_model
from loopwright.pipeline.analyze import Progress, read_source, silent
from loopwright.pipeline.outcome import delivered, not_delivered, unsupported
from loopwright.pipeline.proposals import NestTools, Option, collect
from loopwright.pipeline.trial import Contender, Trial
from loopwright.propose.registry import require_strategy
from loopwright.propose.strategy import Strategy
from loopwright.render.diff import unified_diff
from loopwright.toolchain.compiler import require_compilers
from loopwright.toolchain.host import describe_host

MAX_OPTIONS = 3
"""Options per nest that are compiled and timed; proposals come best first."""

MODEL_SHARE = 0.5
"""Share of the budget that the model may spend, over all nests."""

MODEL_LEAST_S = 8.0
"""Time that a nest's model calls get at least, while that share lasts: a shorter one would be cut off for nothing."""


@dataclass(slots=True)
class _Run:
    """What all functions of one file share."""

    unit: TranslationUnit
    spec: KernelSpec
    settings: Settings
    host: Environment
    model: Model
    strategy: Strategy | None
    scratch: Path
    say: Progress
    nests_left: int
    model_left_s: float

    def take_model_time(self) -> float:
        """Return the time that the model may spend on the next nest; 0 if its share is used up."""
        if self.model_left_s <= 0.0:
            return 0.0
        return max(MODEL_LEAST_S, self.model_left_s / max(self.nests_left, 1))


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
    say(f"parsing {path}")
    source = read_source(path, flags)
    require_compilers(chosen)
    chosen_strategy = require_strategy(chosen.strategy)
    unit = extract(source, chosen, function)
    spec = load_spec(path)
    host = describe_host(chosen)
    warnings = [*unit.warnings, *host.missing]
    reports: list[NestReport] = []
    candidates: list[Candidate] = []
    with _opened_model(chosen, warnings, say) as model, tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        strategy = None if is_no_model(model) else chosen_strategy
        deadline = start + chosen.budget_s
        todo = [entry for entry in unit.functions if function in (None, entry.name)]
        run = _Run(
            unit,
            spec,
            chosen,
            host,
            model,
            strategy,
            Path(scratch),
            say,
            nests_left=sum(len(entry.nests) for entry in todo),
            model_left_s=chosen.budget_s * MODEL_SHARE,
        )
        for index, entry in enumerate(todo):
            share = max(0.0, deadline - time.monotonic()) / (len(todo) - index)
            nests, delivered_candidates = _optimize_function(run, entry, time.monotonic() + share)
            reports.extend(nests)
            candidates.extend(delivered_candidates)
        name = model.name
    warnings.extend(_silent_model(name, reports))
    content = combine(tuple(candidates)).content if candidates else source.content
    return OptimizeReport(
        path=str(path),
        nests=tuple(sorted(reports, key=lambda report: report.line)),
        patch=unified_diff(_patch_path(path), source.content, content),
        host=host,
        model=name,
        strategy=chosen.strategy if strategy is not None else "heuristic",
        seed=chosen.seed,
        elapsed_s=time.monotonic() - start,
        warnings=tuple(warnings),
        options=_recorded(chosen, flags, function),
    )


def _optimize_function(run: _Run, function: Function, deadline: float) -> tuple[list[NestReport], list[Candidate]]:
    reports = [unsupported(item) for item in function.unsupported]
    if not function.nests:
        return reports, []
    analyses = [analyze_nest(nest, fp_strict=run.settings.fp_strict) for nest in function.nests]
    subject = make_subject(run.unit, function, run.spec)
    trial: Trial | None = None
    obstacle: MeasurementFailed | None = None
    if isinstance(subject, NoHarness):
        obstacle = MeasurementFailed(subject.code, subject.reason)
    else:
        harness = Harness(subject, run.settings, run.scratch / function.name)
        trial = Trial(harness, run.unit.source.content, run.settings, run.say, deadline)
    proposals: dict[str, tuple[ProposalReport, ...]] = {}
    failures: dict[str, MeasurementFailed | None] = {}
    contenders: list[Contender] = []
    for index, analysis in enumerate(analyses):
        nest = analysis.nest
        proposals[nest.id], options = _propose(run, analysis, trial)
        share = max(0.0, deadline - time.monotonic()) / (len(analyses) - index)
        best: Contender | MeasurementFailed | None = obstacle if options else None
        if trial is not None:
            best = trial.best(nest, options[:MAX_OPTIONS], time.monotonic() + share)
        failures[nest.id] = best if isinstance(best, MeasurementFailed) else None
        if isinstance(best, Contender):
            contenders.append(best)
            proposals[nest.id] = _with_measurements(proposals[nest.id], options, trial)
    chosen = (
        trial.deliverable([item for item in contenders if item.screened is None or item.screened.median > 1.0])
        if trial
        else []
    )
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
    run.say(f"planning {analysis.nest.id} with {run.model.name}")
    screen = trial.speedup if trial is not None else _no_clock
    tools = NestTools(run.unit.source, analysis, run.settings, screen)
    start = time.monotonic()
    deadline = start + run.take_model_time()
    found = collect(analysis, tools, run.model, run.strategy, run.host, run.settings, deadline)
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


def _patch_path(path: Path) -> str:
    """Return the path that the patch names: relative to the working folder if the file is below it."""
    resolved = path.resolve()
    folder = Path.cwd()
    return resolved.relative_to(folder).as_posix() if resolved.is_relative_to(folder) else resolved.name


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
    )
