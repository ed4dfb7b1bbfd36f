"""The ladder with candidates of ours: what a proof and a waiver need, guards, tiles, missing tools."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Settings
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.candidate import Candidate, Edit
from loopwright.core.codes import Code
from loopwright.core.legality import Basis, Proved, Waived
from loopwright.core.plan import Parallelize, Plan, Step, Tile
from loopwright.core.source import Span
from loopwright.core.verdict import Outcome, Stage, Verdict
from loopwright.harness.harness import Harness
from loopwright.verify.check import verify, verify_pair

pytestmark = pytest.mark.needs("gcc", "clang", "archer")
SETTINGS = Settings()
PRAGMA = "#pragma omp parallel for"
COPY = """\
void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++)
        b[i] = 2.0 * a[i] + 1.0;
}
"""
SUM = """\
double f(int n, const double *a)
{
    double s = 0.0;
    for (int i = 0; i < n; i++)
        s += a[i];
    return s;
}
"""
REASSOCIATION = Assumption(AssumptionKind.REASSOCIATION, "sums in any order", "", Code.REASSOCIATION)


def proved(*steps: Step, assumptions: tuple[Assumption, ...] = ()) -> Proved:
    return Proved(Plan("f:1", steps or (Parallelize("i"),)), (), assumptions)


def waived(*steps: Step) -> Waived:
    return Waived(Plan("f:1", steps or (Parallelize("i"),)), "not known", Code.INDIRECT_SUBSCRIPT, ())


def climb(
    folder: Path, original: str, changed: str, basis: Basis, settings: Settings = SETTINGS
) -> tuple[Verdict, Harness]:
    path = folder / "kernel.c"
    path.write_text(original)
    function = subjects.sum_function() if original == SUM else subjects.copy_function()
    harness = Harness(subjects.subject_for(function, path, original), settings, folder / "scratch")
    whole = Span(str(path), 0, len(original.encode()), 1, 1, 1)
    candidate = Candidate(harness.subject.source, (Edit(whole, changed),), (basis,))
    return verify(harness, original.encode(), candidate, function.nests, settings), harness


def outcome(verdict: Verdict, stage: Stage) -> Outcome | None:
    return next((finding.outcome for finding in verdict.findings if finding.stage is stage), None)


def parallel(text: str, clauses: str = "") -> str:
    return text.replace("    for (", f"{PRAGMA}{clauses}\n    for (")


def test_a_proved_candidate_climbs_every_stage(tmp_path: Path) -> None:
    told: list[str] = []
    verdict, harness = climb(tmp_path, COPY, parallel(COPY), proved())
    assert verdict.accepted, verdict
    assert {finding.stage for finding in verdict.findings} == set(Stage) - {Stage.ELSEWHERE}
    assert all(finding.outcome is Outcome.PASS for finding in verdict.findings), verdict
    again = verify_pair(harness, COPY.encode(), parallel(COPY).encode(), SETTINGS, told.append)
    assert again.accepted
    assert told


def test_a_reordered_sum_needs_its_assumption(tmp_path: Path) -> None:
    changed = parallel(SUM, " reduction(+ : s)")
    verdict, _ = climb(tmp_path, SUM, changed, proved(assumptions=(REASSOCIATION,)))
    assert verdict.accepted, verdict


def test_a_waived_candidate_needs_conflicts(tmp_path: Path) -> None:
    verdict, _ = climb(tmp_path, COPY, parallel(COPY), waived())
    assert verdict.accepted, verdict
    assert {Stage.RACES, Stage.CONFLICTS} <= set(verdict.required)


def test_without_clang_a_waived_candidate_is_not_accepted(tmp_path: Path) -> None:
    verdict, _ = climb(tmp_path, COPY, parallel(COPY), waived(), replace(SETTINGS, clang="no-such-clang"))
    races = next(finding for finding in verdict.findings if finding.stage is Stage.RACES)
    assert races.outcome is Outcome.SKIPPED
    assert races.code is Code.CHECK_UNAVAILABLE
    assert "clang" in races.detail
    assert not verdict.accepted
    assert verdict.failure is None


def test_without_clang_a_proved_candidate_is_accepted(tmp_path: Path) -> None:
    verdict, _ = climb(tmp_path, COPY, parallel(COPY), proved(), replace(SETTINGS, clang="no-such-clang"))
    assert verdict.accepted
    assert outcome(verdict, Stage.UNINITIALISED) is Outcome.SKIPPED


def test_inputs_grow_until_a_guard_lets_the_loop_run(tmp_path: Path) -> None:
    verdict, harness = climb(tmp_path, COPY, parallel(COPY, " if (n > 300)"), waived())
    assert verdict.accepted, verdict
    assert max(dict(case.sizes)["n"] for case in harness.cases()) > 300


def test_a_wrong_loop_behind_a_guard_is_caught(tmp_path: Path) -> None:
    wrong = COPY.replace("        b[i] =", "        b[i > 200 && n > 300 ? i - 1 : i] =")
    verdict, _ = climb(tmp_path, COPY, parallel(wrong, " if (n > 300)"), proved())
    assert not verdict.accepted
    assert verdict.failure is not None
    assert verdict.failure.stage is Stage.DIFFERENTIAL


def test_a_waived_loop_that_no_input_reaches_is_not_accepted(tmp_path: Path) -> None:
    verdict, _ = climb(tmp_path, COPY, parallel(COPY, " if (n < 0)"), waived())
    assert not verdict.accepted
    conflicts = next(finding for finding in verdict.findings if finding.stage is Stage.CONFLICTS)
    assert conflicts.outcome is Outcome.SKIPPED
    assert "0 of 1" in conflicts.detail


def test_two_loops_must_both_be_reached(tmp_path: Path) -> None:
    second = "    for (int i = 0; i < n - 100000000; i++)\n        b[i] = 0.0;\n}\n"
    twice = COPY.replace("}\n", second)
    changed = COPY.replace("    for (", f"{PRAGMA}\n    for (").replace("}\n", f"{PRAGMA} if (n < 0)\n{second}")
    verdict, _ = climb(tmp_path, twice, changed, waived(Parallelize("i"), Parallelize("i_2")))
    assert not verdict.accepted
    assert "1 of 2" in next(finding for finding in verdict.findings if finding.stage is Stage.CONFLICTS).detail


def test_sizes_around_a_tile_are_tested(tmp_path: Path) -> None:
    bound = "(t + 50 < n ? t + 50 : n) - (t == 50 && n == 51)"
    loops = f"    for (int t = 0; t < n; t += 50)\n        for (int i = t; i < {bound}; i++)\n"
    wrong = COPY.replace("    for (int i = 0; i < n; i++)\n", loops)
    verdict, harness = climb(tmp_path, COPY, wrong, proved(Tile(("i",), (50,))))
    assert {49, 50, 51} <= {dict(case.sizes)["n"] for case in harness.cases()}
    assert not verdict.accepted


def test_what_does_not_compile_is_refused(tmp_path: Path) -> None:
    verdict, _ = climb(tmp_path, COPY, COPY.replace("b[i] =", "c[i] ="), proved())
    assert verdict.failure is not None
    assert verdict.failure.stage is Stage.COMPILE
    assert verdict.failure.code is Code.BUILD_FAILED
    assert "'c'" in verdict.failure.detail


def test_a_new_warning_is_reported(tmp_path: Path) -> None:
    verdict, _ = climb(tmp_path, COPY, COPY.replace("{\n", "{\n    int unused;\n", 1), proved())
    assert verdict.accepted
    assert "unused" in verdict.findings[0].detail


def test_an_original_that_cannot_be_run_is_said(tmp_path: Path) -> None:
    broken = COPY.replace("b[i] = 2.0", "b[i - 100000] = 2.0").replace("for (", "b[100000] = 0.0;\n    for (")
    verdict, _ = climb(tmp_path, broken, broken, proved())
    assert verdict.failure is not None
    assert verdict.failure.code is Code.ORIGINAL_FAILS
