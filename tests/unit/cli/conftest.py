"""The command line over a pipeline that answers at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import loopwright
from loopwright.cli.main import main
from loopwright.core.race import AuditReport
from loopwright.core.report import AnalysisReport, OptimizeReport, VerifyReport


@dataclass
class Result:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The last line on standard error."""
        return self.err.rstrip("\n").rpartition("\n")[2]


Loopwright = Callable[..., Result]


@pytest.fixture
def run_cli(capsys: pytest.CaptureFixture[str]) -> Loopwright:
    """Run the command line in this process."""

    def run(*arguments: str | Path) -> Result:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@dataclass
class FakePipeline:
    """Answers with the reports of the fixtures, and remembers how it was called."""

    analysis: AnalysisReport
    optimization: OptimizeReport
    verification: VerifyReport
    audited: AuditReport
    calls: list[dict[str, Any]] = field(default_factory=list)
    failure: BaseException | None = None

    def analyze(self, path: Path, **options: Any) -> AnalysisReport:
        self._note(paths=(path,), **options)
        return self.analysis

    def optimize(self, path: Path, **options: Any) -> OptimizeReport:
        self._note(paths=(path,), **options)
        return self.optimization

    def verify_files(self, original: Path, candidate: Path, **options: Any) -> VerifyReport:
        self._note(paths=(original, candidate), **options)
        return self.verification

    def audit(self, path: Path, **options: Any) -> AuditReport:
        self._note(paths=(path,), **options)
        return self.audited

    def _note(self, **call: Any) -> None:
        self.calls.append(call)
        call["progress"]("working")
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def pipeline(
    monkeypatch: pytest.MonkeyPatch,
    analysis_report: AnalysisReport,
    optimize_report: OptimizeReport,
    verify_report: VerifyReport,
    audit_report: AuditReport,
) -> FakePipeline:
    """Put a pipeline with ready answers in the place of the real one."""
    fake = FakePipeline(analysis_report, optimize_report, verify_report, audit_report)
    module = ModuleType("loopwright.pipeline")
    for name in ("analyze", "audit", "optimize", "verify_files"):
        setattr(module, name, getattr(fake, name))
    monkeypatch.setitem(sys.modules, "loopwright.pipeline", module)
    monkeypatch.setattr(loopwright, "pipeline", module, raising=False)
    return fake


@pytest.fixture
def solver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that the patch of the ready report fits, alone in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "solver.c"
    path.write_text("void sweep(void) {\n}\n")
    return path
