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
from loopwright.harness.cases import Flavour, make_case, size_names
from loopwright.harness.harness import Harness
from loopwright.harness.tolerance import Tolerance
from loopwright.toolchain.compiler import require_compilers
from loopwright.verify.conflicts import check_conflicts
from loopwright.verify.differential import check_differential
from loopwright.verify.ladder import Climb, Evidence

HERE = Path(__file__).parent
pytestmark = pytest.mark.needs("gcc")


def conflicts(
    name: str, function: Function, candidate: str, scratch: Path, regions: int = 1, order: int | None = None
) -> Finding:
    """Return the finding; ``order`` leaves only inputs whose iterations run forwards (0), backwards or shuffled."""
    path = HERE / "originals" / f"{name}.c"
    original = path.read_text()
    settings = Settings()
    harness = Harness(subjects.subject_for(function, path, original), settings, scratch)
    if order is not None:
        sizes = dict.fromkeys(size_names(harness.subject), 7)
        cases = [
            make_case(harness.subject, harness.roles, at, sizes, Flavour.POSITIVE, 3 * at + order) for at in range(3)
        ]
        harness = Harness(harness.subject, settings, scratch / "order")
        harness.cases = lambda: tuple(cases)  # type: ignore[method-assign]
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


def test_two_neighbours_are_apart_whatever_number_of_threads_is_requested(tmp_path: Path) -> None:
    neighbours = """
    double f(int n, const double *a) {
        static volatile double cell;
        double s = 0.0;
        for (int i = 0; i < n; i++) s += a[i];
    #pragma omp parallel for num_threads(2)
        for (int i = 0; i < n; i++)
            if (i < 2) cell = a[0];
        return s;
    }
    """
    # Of seven iterations the first two would be one thread's, if there were two.
    finding = conflicts("sum", subjects.sum_function(), neighbours, tmp_path, order=FORWARDS)
    assert finding.code is Code.CONFLICT_RECORDED, finding


FORWARDS, BACKWARDS, SHUFFLED = range(3)
ORDERS = pytest.mark.parametrize("order", [FORWARDS, BACKWARDS, SHUFFLED])


@ORDERS
@pytest.mark.parametrize("body", ["a[i] = a[i - 1] + b[i];", "b2[i - 1] = b2[i];"])
def test_one_order_of_iterations_is_enough_to_see_who_touches_what(body: str, order: int, tmp_path: Path) -> None:
    loop = f"""
    void f(int n, double *a, const double *b) {{
        double *b2 = a;
        (void)b, (void)b2;
    #pragma omp parallel for
        for (int i = 1; i < n; i++) {body}
    }}
    """
    assert conflicts("shift", subjects.shift_function(), loop, tmp_path, order=order).code is Code.CONFLICT_RECORDED


@pytest.mark.parametrize(("order", "code"), [(FORWARDS, None), (BACKWARDS, True), (SHUFFLED, True)])
def test_each_order_is_really_another_one(order: int, code: bool | None, tmp_path: Path) -> None:
    last_wins = """
    double f(int n, const double *a) {
        double s = 0.0;
        long last = 0;
        for (int i = 0; i < n; i++) s += a[i];
    #pragma omp parallel for
        for (long i = 0; i < n; i++) {
            long mine = i + 1;
    #pragma omp atomic write
            last = mine;
        }
        return last == n ? s : s + 1.0;
    }
    """
    finding = conflicts("sum", subjects.sum_function(), last_wins, tmp_path, order=order)
    assert finding.code is (Code.RESULTS_DIFFER if code else None), finding


@ORDERS
def test_an_atomic_update_meets_a_plain_one(order: int, tmp_path: Path) -> None:
    mixed = """
    void f(int n, int bins, const int *index, double *h) {
        for (int b = 0; b < bins; b++) h[b] = 0.0;
    #pragma omp parallel for
        for (int i = 0; i < n; i++) {
            if (i == 0) {
                h[0] += 0.0;
            } else {
    #pragma omp atomic
                h[0] += 0.0;
            }
        }
        for (int i = 0; i < n; i++) h[index[i]] += 1.0;
    }
    """
    finding = conflicts("scatter", subjects.scatter_function(), mixed, tmp_path, order=order)
    assert finding.code is Code.CONFLICT_RECORDED, finding


@ORDERS
@pytest.mark.parametrize("update", ["count++;", "sum += 1.0;"])
def test_two_atomic_updates_of_one_element_are_no_conflict(update: str, order: int, tmp_path: Path) -> None:
    counted = f"""
    double f(int n, const double *a) {{
        static long count;
        static double sum;
        double s = 0.0;
        for (int i = 0; i < n; i++) s += a[i];
        count = 0, sum = 0.0;
    #pragma omp parallel for
        for (int i = 0; i < n; i++) {{
    #pragma omp atomic
            {update}
        }}
        return count + sum == n ? s : s + 1.0;
    }}
    """
    finding = conflicts("sum", subjects.sum_function(), counted, tmp_path, order=order)
    assert finding.outcome is Outcome.PASS, finding


@pytest.mark.parametrize(
    "store",
    [
        "*(pair *)(b + i) = (pair){2.0 * a[i], 0.0};",
        "memcpy(b + i, tmp, size);",
        "memmove(b + i, tmp, size);",
        "memset(b + i, 0, size);",
    ],
)
def test_every_byte_of_an_access_counts(store: str, tmp_path: Path) -> None:
    wide = f"""
    #include <math.h>
    #include <string.h>
    typedef double pair __attribute__((vector_size(16), aligned(8)));
    void f(int n, const double *a, double *b) {{
        volatile unsigned long size = 16;
    #pragma omp parallel for
        for (int i = 0; i < n - 1; i++) {{
            double tmp[2] = {{a[i], 0.0}};
            {store}
            (void)tmp;
        }}
        for (int i = 0; i < n; i++) b[i] = sin(a[i]) + 1.0;
    }}
    """
    finding = conflicts("copy", subjects.copy_function(), wide, tmp_path, order=FORWARDS)
    assert finding.code is Code.CONFLICT_RECORDED, finding


def test_memory_that_is_freed_may_be_somebody_elses_next(tmp_path: Path) -> None:
    blocks = """
    #include <math.h>
    #include <stdlib.h>
    void f(int n, const double *a, double *b) {
    #pragma omp parallel for
        for (int i = 0; i < n; i++) {
            double *volatile mine = malloc(4 * sizeof *mine);
            mine[2] = a[i];
            b[i] = sin(mine[2]) + 1.0;
            free(mine);
        }
    }
    """
    finding = conflicts("copy", subjects.copy_function(), blocks, tmp_path)
    assert finding.outcome is Outcome.PASS, finding
