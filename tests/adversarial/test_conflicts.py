"""The conflict check by itself: planted dependences are found every time, whatever a scheduler does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.function import Function
from loopwright.core.verdict import Finding, Outcome
from loopwright.harness.harness import Harness
from loopwright.harness.tolerance import Tolerance
from loopwright.toolchain.compiler import require_compilers
from loopwright.verify.conflicts import check_conflicts
from loopwright.verify.differential import check_differential
from loopwright.verify.ladder import Climb, Evidence

HERE = Path(__file__).parent
pytestmark = pytest.mark.needs("gcc")


def conflicts(name: str, function: Function, candidate: str, scratch: Path, regions: int = 1) -> Finding:
    path = HERE / "originals" / f"{name}.c"
    original = path.read_text()
    settings = Settings()
    harness = Harness(subjects.subject_for(function, path, original), settings, scratch)
    evidence = Evidence(reassociates=True, terms=1000, regions=regions, needs_conflicts=True)
    climb = Climb(
        harness,
        original.encode(),
        candidate.encode(),
        settings,
        require_compilers(settings)[:1],
        evidence,
        Tolerance.for_terms(1000),
        lambda _: None,
    )
    # For the reference only: what the differential stage says of the candidate is not asked here.
    check_differential(climb, harness.cases())
    return check_conflicts(climb)


def candidate(name: str) -> str:
    return (HERE / "candidates" / f"{name}.c").read_text()


@pytest.mark.parametrize(
    ("name", "function", "planted", "array"),
    [
        ("shift", subjects.shift_function, "race", "a["),
        ("scatter", subjects.scatter_function, "scatter_race", "h["),
        ("sum", subjects.sum_function, "lost_reduction", "memory outside"),
        ("escape", subjects.copy_function, "escaping_temporary", "memory outside"),
    ],
)
def test_a_planted_dependence_is_recorded(
    name: str, function: Callable[[], Function], planted: str, array: str, tmp_path: Path
) -> None:
    finding = conflicts(name, function(), candidate(planted), tmp_path)
    assert finding.outcome is Outcome.FAIL
    assert finding.code is Code.CONFLICT_RECORDED
    assert array in finding.detail
    assert "iteration" in finding.detail


@pytest.mark.parametrize(
    ("name", "function", "honest"),
    [
        ("sum", subjects.sum_function, "honest_sum"),
        ("escape", subjects.copy_function, "honest_escape"),
        ("scatter", subjects.scatter_function, "honest_scatter"),
        ("copy", subjects.copy_function, "honest_copy"),
    ],
)
def test_an_honest_candidate_has_no_conflict(
    name: str, function: Callable[[], Function], honest: str, tmp_path: Path
) -> None:
    finding = conflicts(name, function(), candidate(honest), tmp_path)
    assert finding.outcome is Outcome.PASS, finding


STACKS = """
__attribute__((noinline)) static double square(double *x) {
    double parts[4];
    for (int p = 0; p < 4; p++) parts[p] = x[0] * p;
    x[1] = parts[1] * parts[1];
    return parts[3];
}
double f(int n, const double *a) {
    double s = 0.0;
#pragma omp parallel for schedule(%s) reduction(+ : s)
    for (int i = 0; i < n; i++) {
        double mine[3] = {a[i], 0.0, 0.0};
        mine[2] = square(mine);
        s += mine[0] + (mine[1] - mine[1]) + (mine[2] - mine[2]);
    }
    return s;
}
"""


@pytest.mark.parametrize("schedule", ["static", "static, 2", "dynamic", "guided", "runtime"])
def test_what_lives_on_a_stack_is_no_conflict(schedule: str, tmp_path: Path) -> None:
    finding = conflicts("sum", subjects.sum_function(), STACKS % schedule, tmp_path)
    assert finding.outcome is Outcome.PASS, finding


@pytest.mark.parametrize("schedule", ["static", "dynamic", "guided", "runtime"])
def test_a_dependence_is_recorded_under_every_schedule(schedule: str, tmp_path: Path) -> None:
    planted = candidate("race").replace("parallel for", f"parallel for schedule({schedule})")
    finding = conflicts("shift", subjects.shift_function(), planted, tmp_path)
    assert finding.code is Code.CONFLICT_RECORDED, finding


def test_a_private_variable_that_should_keep_its_value_changes_the_result(tmp_path: Path) -> None:
    carried = """
    double f(int n, const double *a) {
        double s = 0.0, last = 0.0;
    #pragma omp parallel for firstprivate(last) reduction(+ : s)
        for (int i = 0; i < n; i++) {
            s += a[i];
            if (i > 0 && last == 0.0) s += 1.0;
            last = a[i];
        }
        return s;
    }
    """
    finding = conflicts("sum", subjects.sum_function(), carried, tmp_path)
    assert finding.code is Code.RESULTS_DIFFER, finding


@pytest.mark.parametrize(("wait", "expected"), [("", None), (" nowait", Code.CONFLICT_RECORDED)])
def test_barriers_separate_what_iterations_do(wait: str, expected: Code | None, tmp_path: Path) -> None:
    two_loops = f"""
    #include <math.h>
    void f(int n, const double *a, double *b) {{
    #pragma omp parallel
        {{
    #pragma omp for{wait}
            for (int i = 0; i < n; i++) b[n - 1 - i] = a[i];
    #pragma omp for
            for (int i = 0; i < n; i++) b[i] = sin(a[i]) + 1.0;
        }}
    }}
    """
    assert conflicts("copy", subjects.copy_function(), two_loops, tmp_path).code is expected


def test_a_loop_that_never_ran_in_parallel_is_no_evidence(tmp_path: Path) -> None:
    guarded = candidate("race").replace("parallel for", "parallel for if (n > 1000000)")
    finding = conflicts("shift", subjects.shift_function(), guarded, tmp_path)
    assert finding.outcome is Outcome.SKIPPED
    assert finding.code is Code.CHECK_UNAVAILABLE
    assert "0 of 1" in finding.detail


def test_what_virtual_threads_do_not_know_is_said(tmp_path: Path) -> None:
    ordered = (
        candidate("honest_copy")
        .replace("parallel for", "parallel for ordered")
        .replace("        b[i]", "#pragma omp ordered\n        b[i]")
    )
    finding = conflicts("copy", subjects.copy_function(), ordered, tmp_path)
    assert finding.outcome is Outcome.SKIPPED
    assert finding.code is Code.CHECK_UNAVAILABLE


def test_a_requested_number_of_threads_hides_nothing(tmp_path: Path) -> None:
    # With two threads, iterations of one half would share a thread and could not conflict.
    planted = candidate("scatter_race").replace("parallel for", "parallel for num_threads(2)")
    finding = conflicts("scatter", subjects.scatter_function(), planted, tmp_path)
    assert finding.code is Code.CONFLICT_RECORDED, finding
