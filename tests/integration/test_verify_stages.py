"""Candidates that one stage alone can refuse: each is right in every other respect."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

import harness_subjects as subjects
from loopwright.config import Settings
from loopwright.core.assumption import Assumption, AssumptionKind
from loopwright.core.candidate import Candidate, Edit
from loopwright.core.codes import Code
from loopwright.core.legality import Proved
from loopwright.core.plan import Parallelize, Plan
from loopwright.core.source import Source, Span
from loopwright.core.verdict import Finding, Stage, Verdict
from loopwright.frontend.extract import extract
from loopwright.harness.cases import Flavour, make_case
from loopwright.harness.harness import Harness
from loopwright.harness.results import Run, RunFailed
from loopwright.harness.spec import KernelSpec
from loopwright.harness.subject import Subject, make_subject
from loopwright.harness.tolerance import Tolerance, difference
from loopwright.toolchain.compiler import Build, require_compilers
from loopwright.toolchain.sanitizer import Sanitizer, supports
from loopwright.verify.check import verify, verify_pair
from loopwright.verify.differential import thread_counts

pytestmark = pytest.mark.needs("gcc", "clang", "archer")
SETTINGS = Settings()
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
PARALLEL = COPY.replace("    for (", "#pragma omp parallel for\n    for (")
REASSOCIATION = Assumption(AssumptionKind.REASSOCIATION, "sums in any order", "", Code.REASSOCIATION)


def copy_harness(folder: Path, original: str = COPY) -> Harness:
    path = folder / "kernel.c"
    path.write_text(original)
    function = subjects.sum_function() if original == SUM else subjects.copy_function()
    return Harness(subjects.subject_for(function, path, original), SETTINGS, folder / "scratch")


def pair(folder: Path, candidate: str, original: str = COPY) -> Verdict:
    return verify_pair(copy_harness(folder, original), original.encode(), candidate.encode(), SETTINGS)


def failure(verdict: Verdict, stage: Stage, code: Code) -> Finding:
    assert not verdict.accepted
    assert verdict.failure is not None
    assert (verdict.failure.stage, verdict.failure.code) == (stage, code), verdict.failure
    return verdict.failure


# --- compile


def test_what_one_compiler_alone_takes_is_refused(tmp_path: Path) -> None:
    found = failure(pair(tmp_path, f"#ifdef __clang__\n#error no\n#endif\n{COPY}"), Stage.COMPILE, Code.BUILD_FAILED)
    assert "clang" in found.detail


def test_an_original_that_nothing_compiles_is_said(tmp_path: Path) -> None:
    broken = COPY.replace("2.0", "two")
    failure(pair(tmp_path, COPY, broken), Stage.COMPILE, Code.NO_HARNESS)


# --- differential


def test_one_two_three_and_twice_as_many_threads_as_cores_are_tried() -> None:
    assert {1, 2, 3, 2 * len(os.sched_getaffinity(0))} <= set(thread_counts())


def wrong_if(condition: str) -> str:
    body = f"#ifdef _OPENMP\n    if ({condition} && n > 2 && n < 100) b[1] = 0.0;\n#endif\n}}\n"
    return "#include <omp.h>\n" + PARALLEL.removesuffix("}\n") + body


@pytest.mark.parametrize("threads", sorted({1, 3, 2 * len(os.sched_getaffinity(0))}))
def test_what_is_wrong_with_one_number_of_threads_is_caught(threads: int, tmp_path: Path) -> None:
    found = failure(
        pair(tmp_path, wrong_if(f"omp_get_max_threads() == {threads}")), Stage.DIFFERENTIAL, Code.RESULTS_DIFFER
    )
    assert f"{threads} thread" in found.detail


def test_what_one_compiler_makes_wrong_with_two_threads_is_caught(tmp_path: Path) -> None:
    planted = wrong_if("omp_get_max_threads() > 1").replace("_OPENMP", "LW_PLANTED")
    planted = f"#if defined(_OPENMP) && defined(__clang__)\n#define LW_PLANTED\n#endif\n{planted}"
    found = failure(pair(tmp_path, planted), Stage.DIFFERENTIAL, Code.RESULTS_DIFFER)
    assert "clang" in found.detail


def test_results_are_compared_with_threads_at_work(tmp_path: Path) -> None:
    counted = """
    void f(int n, const double *a, double *b)
    {
        int k = 0;
    #pragma omp parallel for firstprivate(k)
        for (int i = 0; i < n; i++) {
            b[k] = 2.0 * a[k] + 1.0;
            k++;
        }
    }
    """
    failure(pair(tmp_path, counted), Stage.DIFFERENTIAL, Code.RESULTS_DIFFER)


def test_only_an_assumption_lets_a_sum_differ_by_more_than_plain_rounding(tmp_path: Path) -> None:
    changed = SUM.replace("return s;", "return s * (1.0 + 1.1e-13);")
    harness = copy_harness(tmp_path, SUM)
    whole = Span(harness.subject.source.path, 0, len(SUM.encode()), 1, 1, 1)

    def climb(*assumptions: Assumption) -> Verdict:
        basis = Proved(Plan("f:1", (Parallelize("i"),)), (), assumptions)
        candidate = Candidate(harness.subject.source, (Edit(whole, changed),), (basis,))
        return verify(harness, SUM.encode(), candidate, subjects.sum_function().nests, SETTINGS)

    failure(climb(), Stage.DIFFERENTIAL, Code.RESULTS_DIFFER)
    assert climb(REASSOCIATION).findings[1].code is None


def test_an_output_that_is_never_written_is_not_zero(tmp_path: Path) -> None:
    zeros = COPY.replace("2.0 * a[i] + 1.0", "0.0")
    nothing = "void f(int n, const double *a, double *b) { (void)n, (void)a, (void)b; }\n"
    failure(pair(tmp_path, nothing, zeros), Stage.DIFFERENTIAL, Code.RESULTS_DIFFER)


@pytest.mark.parametrize(("planted", "code"), [("abort();", Code.CRASHED), ("b[n] = 0.0;", Code.BAD_ADDRESS)])
def test_what_goes_wrong_at_the_timed_size_only(planted: str, code: Code, tmp_path: Path) -> None:
    large = "#include <stdlib.h>\n" + COPY.removesuffix("}\n") + f"    if (n > 3000) {planted}\n}}\n"
    failure(pair(tmp_path, large), Stage.DIFFERENTIAL, code)


def test_a_crash_on_one_small_input_is_caught(tmp_path: Path) -> None:
    crashes = "#include <stdlib.h>\n" + COPY.replace("    for (", "    if (n == 1) abort();\n    for (")
    failure(pair(tmp_path, crashes), Stage.DIFFERENTIAL, Code.CRASHED)


# --- the run itself


def test_bytes_far_behind_the_results_are_noticed(tmp_path: Path) -> None:
    far = "#include <unistd.h>\n" + COPY.replace(
        "    for (", "    for (int d = 3; d < 300; d++) (void)!pwrite(d, &n, 1, 1 << 20);\n    for ("
    )
    found = failure(pair(tmp_path, far), Stage.DIFFERENTIAL, Code.RESULTS_DIFFER)
    assert "private channel" in found.detail


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('    write_record(R_END, "", 0);\n}', "    _exit(0);\n}", "before its results were complete"),
        ('    write_record(R_END, "", 0);\n}', '    write_record(R_END, "", 0);\n    _exit(3);\n}', "status 3"),
    ],
)
def test_all_results_without_the_last_record_or_with_another_status_are_no_answer(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    harness = copy_harness(tmp_path)
    (runtime,) = (tmp_path / "scratch").rglob("runtime.c")
    text = runtime.read_text()
    assert text.count(old) == 1
    runtime.write_text(text.replace(old, new))
    case = make_case(harness.subject, harness.roles, 0, {"n": 17}, Flavour.NORMAL, 1)
    made = harness.build(COPY.encode(), require_compilers(SETTINGS)[0], ("-O2",))
    assert isinstance(made, Build)
    ran = harness.observe_all(made, (case,))
    assert isinstance(ran, RunFailed)
    assert len(ran.observations) == 1
    assert reason in ran.reason


@pytest.mark.parametrize(
    "taken",
    [
        "#include <unistd.h>\nvoid _exit(int status) { (void)status; for (;;) {} }\n",
        "#include <unistd.h>\nssize_t write(int fd, const void *bytes, size_t count)\n"
        "{ (void)fd, (void)bytes; return count; }\n",
    ],
)
def test_code_that_defines_a_function_of_the_systems_is_refused(taken: str, tmp_path: Path) -> None:
    found = failure(pair(tmp_path, taken + COPY), Stage.COMPILE, Code.BUILD_FAILED)
    assert "a function of the system's" in found.detail


def test_inputs_on_which_the_original_misbehaves_are_not_used(tmp_path: Path) -> None:
    reads_behind = COPY.replace("    for (", "    if (n == 2 && a[n] == 1e300) b[0] = 0.0;\n    for (")
    sizes = [dict(case.sizes)["n"] for case in copy_harness(tmp_path, reads_behind).cases()]
    assert 2 not in sizes
    assert 1 in sizes


def test_inputs_on_which_the_original_leaves_a_process_are_not_used(tmp_path: Path) -> None:
    forks = "#include <unistd.h>\n" + COPY.replace(
        "    for (", "    if (n == 2 && fork() == 0) {\n        sleep(20);\n        _exit(0);\n    }\n    for ("
    )
    sizes = [dict(case.sizes)["n"] for case in copy_harness(tmp_path, forks).cases()]
    assert 2 not in sizes
    assert 1 in sizes


def test_a_change_anywhere_in_a_large_array_is_seen(tmp_path: Path) -> None:
    harness = copy_harness(tmp_path)
    case = make_case(harness.subject, harness.roles, 0, {"n": 20_000}, Flavour.NORMAL, 1)
    reference = observed(harness, COPY, case)
    for place in (0, 511, 512, 10_000, 19_999):
        changed = COPY.removesuffix("}\n") + f"    b[{place}] = 3.5;\n}}\n"
        found = difference(reference.observations[0], observed(harness, changed, case).observations[0], Tolerance())
        assert found is not None
        assert f"b[{place}] is 3.5" in found


def observed(harness: Harness, text: str, case: object, perturbation: float = 0.0) -> Run:
    made = harness.build(text.encode(), require_compilers(SETTINGS)[0], ("-O2",))
    assert isinstance(made, Build)
    ran = harness.observe_all(made, (case,), perturbation=perturbation)  # type: ignore[arg-type]
    assert isinstance(ran, Run)
    return ran


def test_perturbed_inputs_differ_in_the_last_place(tmp_path: Path) -> None:
    harness = copy_harness(tmp_path)
    case = make_case(harness.subject, harness.roles, 0, {"n": 17}, Flavour.NORMAL, 1)
    plain, shaken = (observed(harness, COPY, case, size).observations[0] for size in (0.0, 1.0))
    assert difference(plain, shaken, Tolerance(terms=0)) is not None
    assert difference(plain, shaken, Tolerance(terms=0, absolute=1e-14)) is None


def test_a_global_is_what_it_was_before_each_call(tmp_path: Path) -> None:
    text = """
    int left = 40;
    double table[64];
    void f(void)
    {
        for (int i = 0; i < left; i++) table[i] += 1.0;
        left--;
    }
    """
    path = tmp_path / "kernel.c"
    path.write_text(text)
    unit = extract(Source(str(path), text.encode()), SETTINGS)
    subject = make_subject(unit, unit.functions[0], KernelSpec())
    assert isinstance(subject, Subject)
    harness = Harness(subject, SETTINGS, tmp_path / "scratch")
    made = harness.build(text.encode(), require_compilers(SETTINGS)[0], ("-O2",))
    assert isinstance(made, Build)
    ran = harness.observe_all(made, harness.cases())
    assert isinstance(ran, Run)
    values = {view.data for item in ran.observations for view in item.views if view.name == "left"}
    assert len(ran.observations) > 1
    assert values == {(39).to_bytes(4, "little")}


# --- races, addresses, uninitialised


def test_a_race_that_changes_no_result_is_found_where_the_loop_is_parallel(tmp_path: Path) -> None:
    racy = """
    static volatile double last;
    void f(int n, const double *a, double *b)
    {
    #pragma omp parallel for if (n > 12)
        for (int i = 0; i < n; i++) {
            b[i] = 2.0 * a[i] + 1.0;
            last = 1.0;
        }
    }
    """
    failure(pair(tmp_path, racy), Stage.RACES, Code.DATA_RACE)


def test_an_uninitialised_value_that_decides_nothing_is_found(tmp_path: Path) -> None:
    looks = COPY.replace("        b[i] =", "        if (b[i] > 1e300) b[i] = 0.0; else b[i] =")
    failure(pair(tmp_path, looks), Stage.UNINITIALISED, Code.UNINITIALISED_READ)


PROGRAM = """\
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    volatile int count = 100;
    double *a = malloc(count * sizeof *a), s = 0.0;
    for (int i = 0; i < 100; i++) a[i] = i;
    for (int i = 0; i < 100; i++) s += a[i];
    printf("sum %.3f of all\\n", s);
    free(a);
    return 0;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "stage", "code"),
    [
        ("return 0;", "return 3;", Stage.DIFFERENTIAL, Code.RESULTS_DIFFER),
        ("of all", "of some", Stage.DIFFERENTIAL, Code.RESULTS_DIFFER),
        ("free(a);", "s = ((volatile double *)a)[100]; free(a);", Stage.ADDRESSES, Code.BAD_ADDRESS),
    ],
)
def test_a_program_is_judged_by_its_status_its_words_and_its_memory(
    old: str, new: str, stage: Stage, code: Code, tmp_path: Path
) -> None:
    path = tmp_path / "program.c"
    path.write_text(PROGRAM)
    unit = extract(Source(str(path), PROGRAM.encode()), SETTINGS)
    main = unit.function("main")
    assert main is not None
    subject = make_subject(unit, main, KernelSpec())
    assert isinstance(subject, Subject)
    harness = Harness(subject, SETTINGS, tmp_path / "scratch")
    failure(verify_pair(harness, PROGRAM.encode(), PROGRAM.replace(old, new).encode(), SETTINGS), stage, code)


def test_a_sanitizer_that_finds_nothing_does_not_count(tmp_path: Path) -> None:
    (gcc, *_) = require_compilers(SETTINGS)
    blind = tmp_path / "gcc-blind"
    blind.write_text(
        "#!/bin/bash\nkept=()\n"
        'for word in "$@"; do case "$word" in -fsanitize*|-fno-sanitize*) ;; *) kept+=("$word") ;; esac; done\n'
        f'exec {gcc.facts.path} "${{kept[@]}}"\n'
    )
    blind.chmod(0o755)
    compiler = require_compilers(replace(SETTINGS, gcc=str(blind)))[0]
    assert compiler.facts.path == str(blind)
    assert supports(gcc, Sanitizer.ADDRESS)
    assert not supports(compiler, Sanitizer.ADDRESS)
