"""One file with all that does not depend on who proposes: what was parsed and proved, built, timed and verified.

Several runs over one file (one per strategy, in a campaign) share a workbench, so that equal candidates are built,
timed and verified once, and answer the same to all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loopwright.config import Settings
from loopwright.core.analysis import NestAnalysis
from loopwright.core.function import Function, TranslationUnit
from loopwright.core.measurement import Environment, MeasurementFailed
from loopwright.frontend.extract import extract
from loopwright.harness.harness import Harness
from loopwright.harness.spec import KernelSpec, load_spec
from loopwright.harness.subject import NoHarness, make_subject
from loopwright.legality.analyze import analyze_nest
from loopwright.pipeline.analysis import Progress, read_source
from loopwright.pipeline.trial import Trial
from loopwright.toolchain.compiler import require_compilers
from loopwright.toolchain.host import describe_host


@dataclass(slots=True)
class Workbench:
    """A parsed file on this machine.

    Attributes:
        unit: The file.
        spec: What the user says of it in kernel.toml.
        settings: Of every run but for the model, the strategy and the budget.
        host: The machine.
        scratch: Folder for builds.
        say: Takes progress messages.
    """

    unit: TranslationUnit
    spec: KernelSpec
    settings: Settings
    host: Environment
    scratch: Path
    say: Progress
    _analyses: dict[str, tuple[NestAnalysis, ...]] = field(default_factory=dict[str, "tuple[NestAnalysis, ...]"])
    _trials: dict[str, Trial | MeasurementFailed] = field(default_factory=dict[str, "Trial | MeasurementFailed"])

    def analyses(self, function: Function) -> tuple[NestAnalysis, ...]:
        """Return what is known of each nest of ``function``, in textual order."""
        if function.name not in self._analyses:
            self._analyses[function.name] = tuple(
                analyze_nest(nest, fp_strict=self.settings.fp_strict) for nest in function.nests
            )
        return self._analyses[function.name]

    def trial(self, function: Function, deadline: float) -> Trial | MeasurementFailed:
        """Return the trial of ``function``, with ``deadline`` for the search, or why nothing can be run."""
        if function.name not in self._trials:
            self._trials[function.name] = self._make_trial(function)
        trial = self._trials[function.name]
        if isinstance(trial, Trial):
            trial.deadline = deadline
        return trial

    def _make_trial(self, function: Function) -> Trial | MeasurementFailed:
        subject = make_subject(self.unit, function, self.spec)
        if isinstance(subject, NoHarness):
            return MeasurementFailed(subject.code, subject.reason)
        harness = Harness(subject, self.settings, self.scratch / function.name)
        return Trial(harness, self.unit.source.content, self.settings, self.say)


@contextmanager
def opened_workbench(
    path: Path, flags: tuple[str, ...], function: str | None, settings: Settings, say: Progress
) -> Generator[Workbench]:
    """Parse ``path``; builds are kept in a folder of their own until the end.

    Raises:
        UserError: The file cannot be read, does not parse, or has no such function.
        ToolchainError: There is no compiler.
    """
    say(f"parsing {path}")
    source = read_source(path, flags)
    require_compilers(settings)
    unit = extract(source, settings, function)
    spec = load_spec(path)
    with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        yield Workbench(unit, spec, settings, describe_host(settings), Path(scratch), say)
