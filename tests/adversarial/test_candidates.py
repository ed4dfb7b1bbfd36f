"""Plausible wrong candidates: each must be refused, by a stage that its file names; honest ones must pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Settings
from loopwright.core.verdict import Outcome, Stage
from loopwright.harness.harness import Harness
from loopwright.verify.check import verify_pair

HERE = Path(__file__).parent
CANDIDATES = sorted((HERE / "candidates").glob("*.c"))
FUNCTIONS = {
    "copy": subjects.copy_function,
    "sum": subjects.sum_function,
    "shift": subjects.shift_function,
    "scatter": subjects.scatter_function,
    "escape": subjects.copy_function,
}


def header(text: str, key: str) -> list[str]:
    match = re.search(rf"^// {key}: (.*)$", text, re.MULTILINE)
    assert match, f"no // {key}: line"
    return [word.strip() for word in match.group(1).split(",")]


@pytest.mark.needs("gcc", "clang", "archer")
@pytest.mark.parametrize("path", CANDIDATES, ids=lambda path: path.stem)
def test_the_named_stage_catches_it(path: Path, tmp_path: Path) -> None:
    candidate = path.read_text()
    (name,) = header(candidate, "ORIGINAL")
    original_path = HERE / "originals" / f"{name}.c"
    original = original_path.read_text()
    subject = subjects.subject_for(FUNCTIONS[name](), original_path, original)
    harness = Harness(subject, Settings(), tmp_path)

    verdict = verify_pair(harness, original.encode(), candidate.encode(), Settings())

    stages = header(candidate, "STAGE")
    if stages == ["none"]:
        assert verdict.failure is None, verdict.failure
        assert verdict.accepted
        passed = {finding.stage for finding in verdict.findings if finding.outcome is Outcome.PASS}
        # Other compilers and processors are asked in front of a delivery.
        assert passed == set(Stage) - {Stage.ELSEWHERE}
    else:
        assert not verdict.accepted
        assert verdict.failure is not None
        assert verdict.failure.stage.value in stages, verdict.failure
        assert verdict.failure.code is not None
        assert verdict.failure.code.value in header(candidate, "CODE"), verdict.failure


def test_there_are_candidates_of_each_kind() -> None:
    caught = [stage for path in CANDIDATES for stage in header(path.read_text(), "STAGE")]
    assert len(CANDIDATES) >= 20
    assert {"differential", "races", "addresses", "uninitialised"} <= set(caught)
