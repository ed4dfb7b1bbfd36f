"""Harnesses of real files: built by real compilers, run, and read back."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.config import Limits, Settings
from loopwright.core.codes import Code
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.harness import Harness
from loopwright.harness.results import Observation, Run, RunFailed, TimedRun, View
from loopwright.harness.spec import load_spec
from loopwright.harness.subject import Subject, make_subject
from loopwright.toolchain.compiler import Build, Compiler, require_compilers
from loopwright.toolchain.process import fence
from loopwright.toolchain.sandbox import Level

pytestmark = pytest.mark.needs("gcc")
SETTINGS = Settings()


def harness_for(folder: Path, text: str, function: str = "f", *, toml: str = "", suffix: str = ".c") -> Harness:
    path = folder / f"kernel{suffix}"
    path.write_text(text)
    (folder / "kernel.toml").write_text(toml)
    unit = extract(Source(str(path), text.encode()), SETTINGS)
    found = unit.function(function)
    assert found is not None
    subject = make_subject(unit, found, load_spec(path))
    assert isinstance(subject, Subject), subject
    return Harness(subject, SETTINGS, folder / "scratch")


def gcc() -> Compiler:
    return require_compilers(SETTINGS)[0]


def built(harness: Harness, text: str | None = None, *flags: str) -> Build:
    content = harness.subject.source.content if text is None else text.encode()
    made = harness.build(content, gcc(), flags or ("-O2",))
    assert isinstance(made, Build), made
    return made


def results(harness: Harness, text: str | None = None) -> tuple[Observation, ...]:
    ran = harness.observe_all(built(harness, text), harness.cases())
    assert isinstance(ran, Run), ran
    return ran.observations


def view(observation: Observation, name: str) -> View:
    return next(item for item in observation.views if item.name == name)


def doubles(observation: Observation, name: str) -> tuple[float, ...]:
    found = view(observation, name)
    return struct.unpack(f"<{len(found.data) // 8}d", found.data)


AXPY = "void f(int n, double alpha, const double *x, double *y) { for (int i = 0; i < n; i++) y[i] += alpha * x[i]; }"


def test_the_memory_after_a_call_comes_back(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY, toml="[parameters.alpha]\nvalue = 0.0")
    before = results(harness)
    doubled = results(harness, AXPY.replace("alpha * x[i]", "x[i]"))
    for case, old, new in zip(harness.cases(), before, doubled, strict=True):
        size = dict(case.sizes)["n"]
        assert view(old, "y").count == size
        assert doubles(old, "x") == doubles(new, "x")
        expected = [y + x for x, y in zip(doubles(old, "x"), doubles(old, "y"), strict=True)]
        assert list(doubles(new, "y")) == expected


def test_cases_are_many_small_and_different(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    sizes = [dict(case.sizes)["n"] for case in harness.cases()]
    assert {0, 1, 2} <= set(sizes)
    assert 8 <= len(sizes) <= 12
    assert not harness.notes


@pytest.mark.needs("clang")
def test_compilers_see_the_same_inputs(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    runs: list[Run] = []
    for compiler in require_compilers(SETTINGS):
        made = harness.build(AXPY.encode(), compiler, ("-O1", "-ffp-contract=off"))
        assert isinstance(made, Build)
        ran = harness.observe_all(made, harness.cases())
        assert isinstance(ran, Run)
        runs.append(replace(ran, elapsed_s=0.0, peak_bytes=0))
    views = [[item.views for item in ran.observations] for ran in runs]
    assert views[0] == views[1]


SPMV = """
void f(int n, const int *row, const int *col, const double *val, const double *x, double *y) {
    for (int i = 0; i < n; i++) {
        double s = 0.0;
        for (int k = row[i]; k < row[i + 1]; k++) s += val[k] * x[col[k]];
        y[i] = s;
    }
}
"""


def test_indirect_subscripts_stay_inside(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, SPMV)
    assert len(harness.cases()) >= 8
    assert not harness.notes


RECORDS = """
struct grid { int n; double scale; double *data; double weight[2]; };
struct point { float x; int tag; };
double f(struct grid *g, struct point *p) {
    double s = 0.0;
    for (int i = 0; i < g->n; i++) { g->data[i] *= g->scale; p[i].x += 1.0f; s += g->data[i] * g->weight[0]; }
    return s;
}
"""


def test_records_are_filled_field_by_field(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, RECORDS)
    observation = results(harness)[0]
    size = dict(harness.cases()[0].sizes)["g.n"]
    assert view(observation, "g.data").count == size > 0
    assert view(observation, "p.x").count == size
    assert "result" in [item.name for item in observation.views]


GLOBALS = """
double table[64];
static int count = 40;
double *heap;
void f(void) { for (int i = 0; i < count; i++) table[i] += heap[i]; }
"""


def test_globals_keep_what_the_text_gave_them(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, GLOBALS, toml="[arrays.heap]\nextent = 40")
    observations = results(harness)
    assert observations
    assert all(view(item, "count").data == struct.pack("<i", 40) for item in observations)
    assert all(any(doubles(item, "table")) for item in observations)


def test_rows_are_separate_blocks(tmp_path: Path) -> None:
    text = (
        "void f(int n, int m, double **a) { for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] *= 2.0; }"
    )
    harness = harness_for(tmp_path, text)
    assert len(harness.cases()) >= 8
    beyond = text.replace("a[i][j] *= 2.0", "a[i][j + 50] = 2.0")
    assert any(item.damage for item in results(harness, beyond))


@pytest.mark.needs("g++")
def test_vectors_and_references(tmp_path: Path) -> None:
    text = """
    #include <vector>
    #include <cstddef>
    void f(const std::vector<double> &a, std::vector<double> &b, double &total) {
        for (std::size_t i = 0; i < a.size(); i++) { b[i] = 2.0 * a[i]; total += a[i]; }
    }
    """
    harness = harness_for(tmp_path, text, suffix=".cpp")
    assert harness.cases()
    largest = max(harness.cases(), key=lambda case: case.memory_bytes)
    observation = next(item for item in results(harness) if item.case == largest.index)
    assert list(doubles(observation, "b"))[:3] == [2.0 * value for value in doubles(observation, "a")[:3]]
    assert len(doubles(observation, "total")) == 1


def test_the_users_own_headers_and_flags(tmp_path: Path) -> None:
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "far.h").write_text("#define FACTOR 3.0\n")
    (tmp_path / "runtime.h").write_text("#define NEAR 1\n")
    text = """
    #include "far.h"
    #include "runtime.h"
    void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = a[i] * FACTOR + NEAR + EXTRA; }
    """
    path = tmp_path / "kernel.c"
    path.write_text(text)
    flags = (f"-I{tmp_path}/inc", "-DEXTRA=2")
    unit = extract(Source(str(path), text.encode(), flags), SETTINGS)
    subject = make_subject(unit, unit.functions[0], load_spec(path))
    assert isinstance(subject, Subject)
    harness = Harness(subject, SETTINGS, tmp_path / "scratch")
    assert len(results(harness)) >= 8


def test_a_function_that_calls_another_file_is_not_in_the_way(tmp_path: Path) -> None:
    text = "extern void elsewhere(double *);\nvoid other(double *a) { elsewhere(a); }\n" + AXPY
    harness = harness_for(tmp_path, text)
    assert harness.cases()


def test_a_call_into_another_file_is_said(tmp_path: Path) -> None:
    text = "double elsewhere(double);\nvoid f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = elsewhere(a[i]); }"
    harness = harness_for(tmp_path, text)
    assert harness.cases() == ()
    assert any("elsewhere" in note for note in harness.notes)


def test_inputs_that_break_the_original_are_dropped(tmp_path: Path) -> None:
    text = """
    #include <stdlib.h>
    void f(int n, double *a) {
        for (int i = 0; i < n; i++) a[i] = 1.0;
        if (n > 16) abort();
    }
    """
    harness = harness_for(tmp_path, text)
    assert max(dict(case.sizes)["n"] for case in harness.cases()) <= 16
    assert any("n=17" in note for note in harness.notes)


@pytest.mark.parametrize(
    ("statement", "words"),
    [("y[n] = 1.0;", "behind y"), ("y[-1] = 1.0;", "in front of y"), ("((double *)x)[n] = 0.0;", "behind x")],
)
def test_red_zones_see_writes_outside(statement: str, words: str, tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    observations = results(harness, AXPY.replace("for (", f"{statement} for ("))
    assert all(words in item.damage[0] for item in observations)


def test_a_process_that_dies_is_a_value(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    crash = built(harness, "#include <stdlib.h>\n" + AXPY.replace("for (", "if (n == 1) abort(); for ("))
    ran = harness.observe_all(crash, harness.cases())
    assert isinstance(ran, RunFailed)
    assert ran.code is Code.CRASHED
    failing = next(case for case in harness.cases() if case.index == ran.case)
    assert dict(failing.sizes)["n"] == 1
    assert len(ran.observations) == [case.index for case in harness.cases()].index(failing.index)


def test_a_process_that_hangs_is_killed(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    hang = built(harness, AXPY.replace("for (", "volatile int on = 1; while (on); for ("))
    ran = harness.observe_all(hang, harness.cases(), limit_s=0.5)
    assert isinstance(ran, RunFailed)
    assert ran.code is Code.TIMED_OUT


def test_times_are_taken_on_fresh_inputs(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    case = harness.timing_case(5.0)
    assert case is not None
    made = built(harness)
    first = harness.time(made, case, calls=3, seed=1)
    again = harness.time(made, case, calls=3, seed=1)
    other = harness.time(made, case, calls=3, seed=2)
    assert isinstance(first, TimedRun)
    assert isinstance(again, TimedRun)
    assert isinstance(other, TimedRun)
    assert (len(first.warmups_s), len(first.samples_s)) == (1, 3)
    assert all(sample > 0.0 for sample in first.samples_s)
    assert first.sample.views == again.sample.views
    assert first.sample.views != other.sample.views


def test_a_timed_call_is_long_enough_for_the_clock(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY)
    case = harness.timing_case()
    assert case is not None
    ran = harness.time(built(harness, None, "-O3", "-march=native"), case, calls=2)
    assert isinstance(ran, TimedRun)
    assert 0.002 < min(ran.samples_s) < 1.0


def test_the_users_timing_sizes_are_taken(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, AXPY, toml="[sizes]\nmeasure = { n = 12345 }")
    case = harness.timing_case()
    assert case is not None
    assert dict(case.sizes)["n"] == 12345


def test_sweeps_do_not_grow_with_the_grid(tmp_path: Path) -> None:
    text = """
    void f(int n, int sweeps, double *a, double *b) {
        for (int t = 0; t < sweeps; t++) {
            for (int i = 1; i < n - 1; i++) b[i] = a[i - 1] + a[i + 1];
            for (int i = 1; i < n - 1; i++) a[i] = 0.5 * b[i];
        }
    }
    """
    harness = harness_for(tmp_path, text)
    case = harness.timing_case()
    assert case is not None
    sizes = dict(case.sizes)
    assert sizes["sweeps"] < 100 < sizes["n"]


PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
static double a[100];
int main(void) {
    double s = 0.0;
    for (int i = 0; i < 100; i++) { a[i] = i; s += a[i]; }
    printf("sum %.3f\\n", s);
    %s
}
"""


@pytest.mark.parametrize(("end", "status"), [("return 3;", 3), ("exit(4);", 4), ("", 0)])
def test_a_program_is_run_as_it_is(end: str, status: int, tmp_path: Path) -> None:
    harness = harness_for(tmp_path, PROGRAM.replace("%s", end), "main")
    assert harness.is_program
    ran = harness.observe_all(built(harness), harness.cases())
    assert isinstance(ran, Run)
    assert ran.stdout == b"sum 4950.000\n"
    assert ran.status == status
    timed = harness.time(built(harness), harness.cases()[0], calls=2)
    assert isinstance(timed, TimedRun)
    assert len(timed.samples_s) == 2


def test_a_program_that_ends_without_a_trace_has_failed(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, "#include <unistd.h>\n" + PROGRAM.replace("%s", "_exit(0);"), "main")
    ran = harness.observe_all(built(harness), harness.cases())
    assert isinstance(ran, RunFailed)


def test_memory_has_a_limit(tmp_path: Path) -> None:
    text = PROGRAM.replace("%s", "for (;;) { char *volatile p = malloc(1 << 24); memset(p, 1, 1 << 24); }")
    text = "#include <string.h>\n" + text
    path = tmp_path / "kernel.c"
    path.write_text(text)
    settings = replace(SETTINGS, limits=Limits(memory_bytes=1 << 29))
    unit = extract(Source(str(path), text.encode()), settings)
    main = unit.function("main")
    assert main is not None
    subject = make_subject(unit, main, load_spec(path))
    assert isinstance(subject, Subject)
    harness = Harness(subject, settings, tmp_path / "scratch")
    ran = harness.observe_all(built(harness), harness.cases())
    assert isinstance(ran, RunFailed)
    assert ran.code is Code.OUT_OF_MEMORY


@pytest.mark.parametrize("status", [134, 139, 200, 255])
def test_a_status_that_looks_like_a_signal_is_the_programs_own(status: int, tmp_path: Path) -> None:
    harness = harness_for(tmp_path, PROGRAM.replace("%s", f"return {status};"), "main")
    ran = harness.observe_all(built(harness), harness.cases())
    assert isinstance(ran, Run), ran
    assert ran.status == status


def test_a_signal_is_not_taken_for_a_status(tmp_path: Path) -> None:
    text = PROGRAM.replace("%s", "__builtin_trap();")
    harness = harness_for(tmp_path, text, "main")
    ran = harness.observe_all(built(harness), harness.cases())
    assert isinstance(ran, RunFailed)
    assert ran.code is Code.CRASHED
    assert "SIGILL" in ran.reason


BWRAP = pytest.mark.skipif(
    fence().level is not Level.BUBBLEWRAP, reason="needs bwrap, which is not installed, or forbidden here"
)
REWRITES_ITSELF = """
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
void f(int n, double *a) {
    char name[4096];
    ssize_t length = readlink("/proc/self/exe", name, sizeof name - 1);
    name[length > 0 ? length : 0] = 0;
    if (unlink(name) == 0 || rename(name, "gone") == 0) abort();
    FILE *kept = fopen("kept", "r");
    if (kept) abort();
    kept = fopen("kept", "w");
    if (kept) fclose(kept);
    for (int i = 0; i < n; i++) a[i] = 1.0;
}
"""


@BWRAP
def test_a_run_changes_neither_its_binary_nor_the_next_run(tmp_path: Path) -> None:
    harness = harness_for(tmp_path, "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = 1.0; }")
    build = built(harness, REWRITES_ITSELF)
    before = build.binary.read_bytes()
    for _ in range(2):
        ran = harness.observe(build, harness.cases()[-1])
        assert isinstance(ran, Observation), ran
    assert build.binary.read_bytes() == before
    assert not list((tmp_path / "scratch").glob("run-*"))
