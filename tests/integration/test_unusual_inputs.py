"""Arrays that overlap and integers at the ends of their range, among the inputs of the comparison with the original."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Settings
from loopwright.core.candidate import Candidate, Edit
from loopwright.core.codes import Code
from loopwright.core.legality import Proved
from loopwright.core.plan import Parallelize, Plan
from loopwright.core.source import Span
from loopwright.core.verdict import Finding, Outcome, Stage, Verdict
from loopwright.harness.harness import Harness
from loopwright.harness.overlap import extreme_cases, overlapping_cases
from loopwright.harness.subject import Subject
from loopwright.verify.check import verify, verify_pair

pytestmark = pytest.mark.needs("gcc", "clang", "archer")
COPY = """\
void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++)
        b[i] = 2.0 * a[i] + 1.0;
}
"""
# Right as long as the arrays are apart, whatever the number of threads.
BACKWARDS = COPY.replace("int i = 0; i < n; i++", "int i = n - 1; i >= 0; i--")
GUARDED = COPY.replace(
    "    for",
    "    #pragma omp parallel for if (a + n <= b || b + n <= a)\n    for",
)


def subject(folder: Path, *, restrict: bool = False) -> Subject:
    path = folder / "kernel.c"
    text = COPY.replace("double *", "double *restrict ") if restrict else COPY
    path.write_text(text)
    made = subjects.subject_for(subjects.copy_function(), path, text)
    if restrict:
        return made
    return replace(
        made, parameters=tuple(replace(slot, c_type=slot.c_type.removesuffix("__restrict")) for slot in made.parameters)
    )


def differential(verdict: Verdict) -> Finding:
    return next(finding for finding in verdict.findings if finding.stage is Stage.DIFFERENTIAL)


def test_candidate_of_ours_that_is_wrong_on_overlap_is_refused(tmp_path: Path) -> None:
    harness = Harness(subject(tmp_path), Settings(), tmp_path / "scratch")
    whole = Span(harness.subject.source.path, 0, len(COPY.encode()), 1, 1, 1)
    basis = Proved(Plan("f:1", (Parallelize("i"),)), (), ())
    candidate = Candidate(harness.subject.source, (Edit(whole, BACKWARDS),), (basis,))
    verdict = verify(harness, COPY.encode(), candidate, (), Settings())
    assert not verdict.accepted
    assert differential(verdict).code is Code.RESULTS_DIFFER
    assert "b 1 element behind the start of a" in differential(verdict).detail


def test_candidate_of_others_is_said_to_be_wrong_on_overlap(tmp_path: Path) -> None:
    harness = Harness(subject(tmp_path), Settings(), tmp_path / "scratch")
    finding = differential(verify_pair(harness, COPY.encode(), BACKWARDS.encode(), Settings()))
    assert finding.outcome is Outcome.PASS
    assert "NOT THE SAME where arrays overlap" in finding.detail


def test_guarded_candidate_is_the_same_on_overlap(tmp_path: Path) -> None:
    harness = Harness(subject(tmp_path), Settings(), tmp_path / "scratch")
    finding = differential(verify_pair(harness, COPY.encode(), GUARDED.encode(), Settings()))
    assert "arrays that overlap: 3 inputs, the same" in finding.detail


def test_restrict_rules_overlap_out_and_the_report_says_that_none_was_tried(tmp_path: Path) -> None:
    harness = Harness(subject(tmp_path, restrict=True), Settings(), tmp_path / "scratch")
    assert overlapping_cases(harness) == ()
    content = harness.subject.source.content
    finding = differential(verify_pair(harness, content, content, Settings()))
    assert "arrays that overlap were not tried" in finding.detail


LIMIT = """\
void g(int n, const int *a, int *b, int limit)
{
    for (int i = 0; i < n; i++)
        b[i] = a[i] < limit;
}
"""


def test_candidate_that_overflows_on_extreme_integers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kernel.c"
    path.write_text(LIMIT)
    arrays = (subjects.array("a", subjects.INT, is_const=True), subjects.array("b", subjects.INT))
    parameters = (subjects.size("n"), *arrays, subjects.size("limit"))
    made = subjects.subject_for(replace(subjects.copy_function(), name="g", parameters=parameters), path, LIMIT)
    harness = Harness(made, Settings(), tmp_path / "scratch")
    assert extreme_cases(harness)
    wrapped = LIMIT.replace("a[i] < limit", "(int)((unsigned)a[i] - (unsigned)limit) < 0")
    verdict = verify_pair(harness, LIMIT.encode(), wrapped.encode(), Settings())
    assert not verdict.accepted
    assert "extreme values" in differential(verdict).detail
