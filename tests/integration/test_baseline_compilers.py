"""Compiler baselines on real compilers: what they build runs, and the check of threads sees the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from baseline_kernels import kernel_of
from loopwright.baselines.base import Baseline, Kernel
from loopwright.baselines.compilers import CompilerBaseline
from loopwright.baselines.polly_effect import CHANGED, UNCHANGED
from loopwright.baselines.registry import require_baseline
from loopwright.baselines.symbols import SERIAL_UNDER_A_PARALLEL_NAME, threads_in
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import Run
from loopwright.toolchain.compiler import Build

SETTINGS = Settings()
TOML = """
[sizes]
test = [{ n = 0 }, { n = 70 }, { n = 400 }]
measure = { n = 400 }
"""
PARALLEL = """
void f(int n, double a[restrict n][n], const double b[restrict n][n]) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = 2.0 * b[i][j];
}
"""
RECURRENCE = """
void f(int n, double a[restrict n][n], const double b[restrict n][n]) {
    for (int i = 1; i < n; i++)
        a[0][i] = a[0][i - 1] * b[0][i];
}
"""
DIRECTIVE = PARALLEL.replace("    for (int i", "#pragma omp parallel for\n    for (int i")


@pytest.fixture
def parallel(tmp_path: Path) -> Kernel:
    return kernel_in(tmp_path, PARALLEL)


def kernel_in(folder: Path, text: str) -> Kernel:
    path = folder / "kernel.c"
    path.write_text(text)
    (folder / "kernel.toml").write_text(TOML)
    return kernel_of(path, folder / "scratch", SETTINGS, "f")


def installed(name: str) -> Baseline:
    found = require_baseline(name)
    reason = found.missing(SETTINGS)
    if reason is not None:
        pytest.skip(reason)
    return found


def prepared(name: str, kernel: Kernel, threads: int = 2) -> Entrant:
    baseline = installed(name)
    assert baseline.inapplicable(kernel) is None
    made = baseline.prepare(kernel, kernel.harness.cases()[0], threads, SETTINGS, budget_s=1.0)
    assert isinstance(made, Entrant), made
    assert (made.method, made.kind) == (name, baseline.kind)
    return made


def results(kernel: Kernel, build: Build, threads: int) -> list[bytes]:
    ran = kernel.harness.observe_all(build, kernel.harness.cases(), threads=threads)
    assert isinstance(ran, Run), ran
    return [view.data for item in ran.observations for view in item.views]


@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize(
    "name",
    ["gcc-O3", "clang-O3", "gcc-fast-math", "gcc-autopar", "gcc-graphite", "gcc-graphite-parallel", "polly"],
)
def test_what_is_built_gives_the_results(name: str, parallel: Kernel) -> None:
    made = prepared(name, parallel)
    assert made.threads == (2 if made.claims_threads else 1)
    assert made.label.startswith(("gcc ", "clang "))
    assert "-O3 -march=native" in made.label
    reference = prepared("gcc-O3", parallel)
    assert results(parallel, made.build, made.threads) == results(parallel, reference.build, 1)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("name", ["gcc-autopar", "gcc-graphite-parallel"])
def test_a_parallel_build_shows_its_threads(name: str, parallel: Kernel) -> None:
    made = prepared(name, parallel)
    assert made.is_threaded is True
    assert threads_in(made.build.binary) == ("GOMP_parallel",)
    assert not made.objections


@pytest.mark.needs("clang", "libomp")
def test_polly_shows_its_threads(parallel: Kernel) -> None:
    made = prepared("polly-parallel", parallel)
    assert made.is_threaded is True
    assert not made.objections
    assert CHANGED in made.label
    assert results(parallel, made.build, 2) == results(parallel, prepared("clang-O3", parallel).build, 1)


@pytest.mark.needs("gcc", "clang", "libomp")
@pytest.mark.parametrize("name", ["gcc-autopar", "gcc-graphite-parallel", "polly-parallel"])
def test_serial_code_under_a_parallel_name_is_objected_to(name: str, tmp_path: Path) -> None:
    made = prepared(name, kernel_in(tmp_path, RECURRENCE))
    assert made.claims_threads
    assert made.is_threaded is False
    assert made.objections == (SERIAL_UNDER_A_PARALLEL_NAME,)
    assert threads_in(made.build.binary) == ()


@pytest.mark.needs("gcc")
def test_on_one_thread_nothing_is_claimed(parallel: Kernel) -> None:
    made = prepared("gcc-autopar", parallel, threads=1)
    assert made.is_threaded is False
    assert not made.objections


@pytest.mark.needs("clang")
def test_the_label_says_if_polly_did_nothing(tmp_path: Path) -> None:
    assert UNCHANGED in prepared("polly", kernel_in(tmp_path, RECURRENCE.replace("a[0][i - 1] *", "a[i][i] +"))).label


@pytest.mark.needs("gcc", "clang", "libomp")
def test_calls_of_both_openmp_libraries_are_seen(tmp_path: Path) -> None:
    kernel = kernel_in(tmp_path, DIRECTIVE)
    seen = set[str]()
    for name in ("gcc-O3", "clang-O3"):
        for flags in ((), ("-fopenmp",)):
            made = CompilerBaseline(name, MethodKind.COMPILER, name[:-3], flags).prepare(
                kernel, kernel.harness.cases()[0], 2, SETTINGS, budget_s=1.0
            )
            assert isinstance(made, Entrant)
            found = threads_in(made.build.binary)
            assert found is not None
            assert bool(found) == bool(flags)
            seen.update(found)
    assert seen == {"GOMP_parallel", "__kmpc_fork_call"}


@pytest.mark.needs("gcc")
def test_flags_that_the_compiler_does_not_take_are_missing() -> None:
    baseline = CompilerBaseline("odd", MethodKind.COMPILER, "gcc", ("-fno-such-flag",))
    message = baseline.missing(SETTINGS)
    assert message is not None
    assert "-fno-such-flag" in message


@pytest.mark.needs("gcc")
def test_a_build_that_fails_is_an_answer(parallel: Kernel) -> None:
    baseline = CompilerBaseline("odd", MethodKind.COMPILER, "gcc", ("-fno-such-flag",))
    made = baseline.prepare(parallel, parallel.harness.cases()[0], 2, SETTINGS, budget_s=1.0)
    assert isinstance(made, MeasurementFailed)
    assert "-fno-such-flag" in made.reason
