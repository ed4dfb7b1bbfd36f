"""Candidates that are right here and wrong on another processor, run there."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Settings
from loopwright.core.candidate import Candidate, Edit
from loopwright.core.codes import Code
from loopwright.core.legality import Proved
from loopwright.core.measurement import Measurement
from loopwright.core.plan import Parallelize, Plan
from loopwright.core.proposal import Proposal
from loopwright.core.source import Span
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.harness.harness import Harness
from loopwright.pipeline.proposals import Option
from loopwright.pipeline.trial import Contender, Trial
from loopwright.toolchain.cross import find_targets, missing_targets
from loopwright.verify import elsewhere
from loopwright.verify.check import verify_elsewhere

SETTINGS = Settings()
COPY = """\
void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++)
        b[i] = 2.0 * a[i] + 1.0;
}
"""
PARALLEL = COPY.replace("    for (", "#pragma omp parallel for\n    for (")
ON_TWO = pytest.mark.needs("gcc", "aarch64", "riscv64")


def candidate_of(folder: Path, original: str, changed: str) -> tuple[Harness, Candidate]:
    path = folder / "kernel.c"
    path.write_text(original)
    subject = subjects.subject_for(subjects.copy_function(), path, original)
    whole = Span(str(path), 0, len(original.encode()), 1, 1, 1)
    basis = Proved(Plan("f:1", (Parallelize("i"),)), (), ())
    harness = Harness(subject, SETTINGS, folder / "scratch")
    return harness, Candidate(subject.source, (Edit(whole, changed),), (basis,))


def check(folder: Path, original: str, changed: str) -> Finding:
    harness, candidate = candidate_of(folder, original, changed)
    return verify_elsewhere(harness, original.encode(), candidate, SETTINGS)


@ON_TWO
def test_an_honest_candidate_passes_on_both(tmp_path: Path) -> None:
    finding = check(tmp_path, COPY, PARALLEL)
    assert (finding.stage, finding.outcome) == (Stage.ELSEWHERE, Outcome.PASS), finding
    assert "aarch64 and riscv64" in finding.detail
    assert finding.elapsed_s > 0.0


WRONG = {
    "another result": ("aarch64", "__aarch64__", "b[0] = 0.5;", Code.RESULTS_DIFFER),
    "a crash": ("riscv64", "__riscv", "__builtin_trap();", Code.CRASHED),
    "a hang": ("aarch64", "__aarch64__", "for (volatile int x = 1; x;);", Code.TIMED_OUT),
    "an output beside the array": ("riscv64", "__riscv", "b[n] = 1.0;", Code.BAD_ADDRESS),
}


@ON_TWO
@pytest.mark.parametrize("case", list(WRONG))
def test_what_is_wrong_there_alone_is_refused(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "_LIMIT_S", 3.0)
    processor, macro, statement, code = WRONG[case]
    planted = PARALLEL.rstrip("}\n") + f";\n#ifdef {macro}\n    if (n > 1) {{ {statement} }}\n#endif\n}}\n"
    finding = check(tmp_path, COPY, planted)
    assert (finding.outcome, finding.code) == (Outcome.FAIL, code), finding
    assert processor in finding.detail


@ON_TWO
def test_a_candidate_that_does_not_build_there_is_refused(tmp_path: Path) -> None:
    finding = check(tmp_path, COPY, "#ifdef __riscv\n#error not here\n#endif\n" + PARALLEL)
    assert (finding.outcome, finding.code) == (Outcome.FAIL, Code.BUILD_FAILED)
    assert "not here" in finding.detail


@ON_TWO
def test_an_original_that_is_for_this_processor_alone_is_not_checked(tmp_path: Path) -> None:
    only = "#ifndef __x86_64__\n#error only x86-64\n#endif\n"
    finding = check(tmp_path, only + COPY, only + PARALLEL)
    assert finding.outcome is Outcome.SKIPPED
    assert "not checked" in finding.detail
    assert finding.detail.count("the original does not build") == 2


@pytest.mark.needs("gcc")
def test_tools_that_are_absent_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_targets.__wrapped__() == ()
    monkeypatch.undo()
    monkeypatch.setattr(elsewhere, "find_targets", lambda: ())
    monkeypatch.setattr(elsewhere, "missing_targets", lambda: ("aarch64", "riscv64"))
    finding = check(tmp_path, COPY, PARALLEL)
    assert (finding.outcome, finding.code) == (Outcome.SKIPPED, Code.CHECK_UNAVAILABLE)
    assert "apt-get install qemu-user gcc-aarch64-linux-gnu" in finding.detail
    assert {target.processor for target in find_targets()} | set(missing_targets()) == {"aarch64", "riscv64"}


@pytest.mark.needs("gcc", "aarch64", "riscv64", "clang", "archer")
def test_a_delivery_is_refused_for_what_is_wrong_elsewhere(tmp_path: Path) -> None:
    planted = PARALLEL.rstrip("}\n") + ";\n#ifdef __aarch64__\n    if (n > 1) { b[0] = 0.5; }\n#endif\n}\n"
    harness, candidate = candidate_of(tmp_path, COPY, planted)
    trial = Trial(harness, COPY.encode(), SETTINGS, lambda _: None)
    [basis] = candidate.bases
    assert isinstance(basis, Proved)
    [nest] = subjects.copy_function().nests
    contender = Contender(nest, Option(Proposal(basis.plan, "test"), basis, basis, candidate))
    assert trial.verify([contender]).accepted
    verdict = trial.verify_for_delivery([contender])
    assert not verdict.accepted
    assert verdict.failure is not None
    assert verdict.failure.stage is Stage.ELSEWHERE
    assert trial.elsewhere.keys() == {candidate}
    assert not isinstance(contender.measurement, Measurement)
