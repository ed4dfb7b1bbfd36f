"""Where tasks are worked on: a process with its open models and the workbench of the kernel whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.baselines.registry import require_baseline
from loopwright.campaign.entrants import Absent, find_entrants, own_entrants
from loopwright.campaign.recall import recall
from loopwright.campaign.recorder import Recorded, Recorder
from loopwright.campaign.spec import FieldTask, KernelFile, Limits, PlanTask
from loopwright.config import Settings
from loopwright.core.analysis import NestAnalysis
from loopwright.core.campaign import NestFacts, PlanOutcome, Timing, Work
from loopwright.core.codes import Code
from loopwright.core.function import Function, TranslationUnit
from loopwright.errors import UserError
from loopwright.harness.calibrate import case_for
from loopwright.harness.harness import Harness
from loopwright.measure.field import measure_field
from loopwright.measure.work import count_work
from loopwright.models.registry import open_model
from loopwright.pipeline.analysis import Progress
from loopwright.pipeline.optimization import optimize_at
from loopwright.pipeline.proposals import Recalled
from loopwright.pipeline.trial import Trial
from loopwright.pipeline.workbench import Workbench, opened_workbench
from loopwright.toolchain.clock import timing


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan task gives: its outcome, and what the model was asked and said."""

    outcome: PlanOutcome
    calls: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a field task gives: one timing per method that was asked for, and the work of one call."""

    timings: tuple[Timing, ...]
    work: Work


class Station:
    """Works on tasks, one at a time; keeps what the next task of the same kernel or model can use."""

    def __init__(self, settings: Settings, limits: Limits, say: Progress) -> None:
        self._settings = replace(settings, seed=limits.seed, budget_s=limits.budget_s, accept_tested=True)
        self._limits = limits
        self._say = say
        self._models: dict[str, Recorder] = {}
        self._recalled: dict[str, Mapping[tuple[str, str], Recalled]] = {}
        self._kernel: KernelFile | None = None
        self._stack = ExitStack()
        self._bench: Workbench | None = None

    def close(self) -> None:
        """Close models and workbenches."""
        self._stack.close()
        self._kernel = self._bench = None
        for model in self._models.values():
            model.close()
        self._models.clear()

    def plan(self, task: PlanTask) -> Planned:
        """Let the task's model propose for its kernel.

        Raises:
            LoopwrightError: The kernel cannot be worked on, or the model cannot be had.
        """
        bench, model = self._workbench(task.kernel), self._model(task.model)
        function = _function(bench.unit, task.kernel)
        settings = replace(self._settings, strategy=task.strategy, model=task.model)
        model.take()
        done = optimize_at(
            bench,
            model,
            settings,
            path=Path(task.kernel.path),
            function=function.name,
            judges=True,
            model_s=self._limits.model_s,
            recalled=self._recalled[task.model].get((task.kernel.name, task.strategy)),
        )
        facts = tuple(_facts(analysis) for analysis in bench.analyses(function))
        outcome = PlanOutcome(
            task.kernel.name,
            task.model,
            task.strategy,
            self._limits.seed,
            done.report,
            done.content,
            facts,
            observed=done.observed,
        )
        return Planned(outcome, model.take())

    def field(self, task: FieldTask, deliveries: Mapping[PlanTask, bytes]) -> Measured:
        """Time the methods of ``task`` side by side.

        Args:
            task: Whose plans take part as far as they are in ``deliveries``.
            deliveries: The files that they deliver. A plan that delivers nothing takes no part: its code is the
                original.

        Raises:
            LoopwrightError: The kernel cannot be worked on, or not even its original can be timed.
        """
        bench = self._workbench(task.kernel)
        function = _function(bench.unit, task.kernel)
        harness = _harness(bench, function)
        case = case_for(harness, task.sizes) if task.sizes else harness.timing_case()
        if case is None:
            raise UserError(Code.NO_HARNESS, f"{task.kernel.name}: no inputs on which the original can be timed")
        kernel = Kernel(task.kernel.name, Path(task.kernel.path), bench.unit, function, harness)
        settings = replace(self._settings, threads=task.threads)
        absent: list[Absent] = []
        with timing(self._settings.cache, self._say):
            baselines = tuple(require_baseline(name) for name in task.baselines)
            entrants = find_entrants(baselines, kernel, case, settings, self._limits.tune_s, absent, self._say)
            own, names = own_entrants(deliveries, kernel, case, settings, absent)
            timed = measure_field(
                harness,
                case,
                (*entrants, *own),
                rounds=self._limits.rounds,
                budget_s=self._limits.field_s,
                seed=self._limits.seed,
                progress=self._say,
            )
        sizes = task.sizes or case.sizes
        taken = {item.method: replace(item, kernel=kernel.name, sizes=sizes, threads=task.threads) for item in timed}
        timings = [taken[entrant.method] for entrant in entrants]
        timings += [replace(taken[entrant], method=name) for name, entrant in names.items()]
        timings += [
            Timing(kernel.name, item.method, item.kind, sizes, task.threads, failure=item.code, reason=item.reason)
            for item in absent
        ]
        work = replace(count_work(kernel.name, function, harness, case), sizes=sizes)
        return Measured(tuple(timings), work)

    def _model(self, name: str) -> Recorder:
        if name not in self._models:
            opened = open_model(name, self._settings, self._say)
            self._models[name] = Recorder(opened, self._settings.cache)
            self._models[name].load()
            self._recalled[name] = recall(opened, self._limits.seed)
        return self._models[name]

    def _workbench(self, kernel: KernelFile) -> Workbench:
        if self._kernel != kernel or self._bench is None:
            self._stack.close()
            self._kernel = self._bench = None
            bench = self._stack.enter_context(
                opened_workbench(Path(kernel.path), kernel.flags, kernel.function or None, self._settings, self._say)
            )
            self._kernel, self._bench = kernel, bench
        return self._bench


def _function(unit: TranslationUnit, kernel: KernelFile) -> Function:
    if kernel.function:
        found = unit.function(kernel.function)
    else:
        with_loops = [entry for entry in unit.functions if entry.nests]
        found = with_loops[0] if len(with_loops) == 1 else None
    if found is None:
        names = ", ".join(entry.name for entry in unit.functions if entry.nests)
        if not names:
            hint = f"loopwright analyze {kernel.path} lists its loops, with the reason for each"
            raise UserError(Code.NO_SUCH_FUNCTION, f"{kernel.name}: no function with a loop that is analysed", hint)
        hint = f"write {kernel.path}:FUNCTION, one of {names}"
        raise UserError(Code.NO_SUCH_FUNCTION, f"{kernel.name}: it is not clear which function to measure", hint)
    return found


def _harness(bench: Workbench, function: Function) -> Harness:
    trial = bench.trial(function, 0.0)
    if isinstance(trial, Trial):
        return trial.harness
    raise UserError(trial.code, f"{function.name} cannot be called: {trial.reason}", "write a kernel.toml beside it")


def _facts(analysis: NestAnalysis) -> NestFacts:
    parallel = [loop for loop in analysis.loops if loop.is_parallel]
    return NestFacts(
        analysis.nest.id,
        tuple(loop.loop for loop in analysis.loops),
        tuple(loop.loop for loop in parallel),
        tuple(dict.fromkeys(reduction for loop in parallel for reduction in loop.reductions)),
        tuple(dict.fromkeys(private for loop in parallel for private in loop.privates)),
    )
