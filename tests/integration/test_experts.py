"""Hand-written kernels give the originals' results on every size, with both compilers and any number of threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from baseline_kernels import KERNELS, kernel_of
from loopwright.baselines.base import Kernel
from loopwright.baselines.compilers import OPTIMIZED
from loopwright.baselines.expert import FILE_NAME, Expert, expert_file
from loopwright.baselines.registry import require_baseline
from loopwright.baselines.screening import OPENMP
from loopwright.config import Settings
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case, Flavour, complete_sizes, make_case
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import Observation, Run
from loopwright.harness.tolerance import Tolerance, difference
from loopwright.toolchain.compiler import Build, find_compilers

SETTINGS = Settings()
EXPERTS = sorted(file.parent.name for file in KERNELS.glob(f"*/{FILE_NAME}"))

# Sizes beyond those of kernel.toml, at which blocks, tiles and threads come into play.
LARGER: dict[str, tuple[dict[str, int], ...]] = {
    "attention": ({"heads": 2, "seq": 150, "dim": 33},),
    "bfs": ({"n": 3000, "edges": 25000}, {"n": 3001, "edges": 4000}),
    "conv2d": ({"channels": 3, "filters": 13, "height": 21, "width": 70},),
    "dijkstra": ({"n": 1025},),
    "fft": ({"n": 128}, {"n": 8192}, {"n": 16384}),
    "jacobi2d": ({"n": 300, "sweeps": 13},),
    "maxpool": ({"channels": 3, "height": 163, "width": 201},),
    "nbody": ({"n": 300}, {"n": 449}),
    "matmul": ({"n": 70}, {"n": 301}),
    "pagerank": ({"n": 2500, "edges": 20000}, {"n": 40000, "edges": 90000}),
    "spmv": ({"rows": 2000, "columns": 300, "nonzeros": 20000},),
}


def cases_of(kernel: Kernel) -> tuple[Case, ...]:
    """Return the sizes of kernel.toml and the larger ones, without asking a sanitizer: other tests have."""
    subject, roles = kernel.harness.subject, kernel.harness.roles
    chosen = (*map(dict, subject.spec.test), *LARGER.get(kernel.name, ()))
    flavours = (Flavour.NORMAL, Flavour.WILD, Flavour.POSITIVE)
    return tuple(
        make_case(subject, roles, turn, complete_sizes(subject, sizes, turn), flavours[turn % 3], 31 * turn)
        for turn, sizes in enumerate(chosen)
    )


def observed(kernel: Kernel, build: Build, threads: int, perturbation: float = 0.0) -> tuple[Observation, ...]:
    ran = kernel.harness.observe_all(build, cases_of(kernel), threads=threads, perturbation=perturbation)
    assert isinstance(ran, Run), ran
    return ran.observations


def first_difference(kernel: Kernel, content: bytes) -> str:
    """Return where ``content`` leaves the original's results, with both compilers and 1, 2 and 3 threads; else ""."""
    spec, outputs = kernel.harness.subject.spec, kernel.harness.subject.spec.outputs
    compilers = find_compilers(SETTINGS)
    original = kernel.harness.build(kernel.unit.source.content, compilers[0], OPTIMIZED)
    assert isinstance(original, Build), original
    reference = observed(kernel, original, 1)
    spread = [observed(kernel, original, 1, perturbation) for perturbation in (1.0, 3.0)]
    cases = cases_of(kernel)
    terms = 8 * max(value for case in cases for _, value in case.sizes)
    tolerance = Tolerance.for_terms(terms, spec.relative, spec.absolute)
    for compiler in compilers:
        made = kernel.harness.build(content, compiler, (*OPENMP, "-Wall", "-Wextra"))
        assert isinstance(made, Build), made
        assert not made.warnings
        for threads in (1, 2, 3) if compiler is compilers[0] else (2,):
            for at, got in enumerate(observed(kernel, made, threads)):
                shaken = [run[at] for run in spread]
                found = difference(reference[at], got, tolerance, shaken, outputs)
                found = found or next(iter(got.damage), None)
                if found is not None:
                    return f"{found}, with {cases[at].label} ({compiler.label}, {threads} threads)"
    return ""


@pytest.mark.needs("gcc", "clang", "libomp")
@pytest.mark.parametrize("name", EXPERTS)
def test_the_expert_gives_the_results(name: str, tmp_path: Path) -> None:
    kernel = kernel_of(KERNELS / name / "kernel.c", tmp_path, SETTINGS)
    assert first_difference(kernel, expert_file(kernel).read_bytes()) == ""


def test_every_kernel_has_an_expert() -> None:
    assert sorted(file.parent.name for file in KERNELS.glob("*/kernel.c")) == EXPERTS


@pytest.mark.needs("gcc", "clang", "libomp")
def test_a_wrong_expert_is_found(tmp_path: Path) -> None:
    kernel = kernel_of(KERNELS / "matmul" / "kernel.c", tmp_path, SETTINGS)
    content = expert_file(kernel).read_bytes()
    wrong = content.replace(b"k == 0);", b"1);")
    assert wrong != content
    assert "c[" in first_difference(kernel, wrong)


def prepared(kernel: Kernel, threads: int) -> Entrant | MeasurementFailed:
    baseline = require_baseline("expert")
    assert isinstance(baseline, Expert)
    assert baseline.missing(SETTINGS) is None
    assert baseline.inapplicable(kernel) is None
    return baseline.prepare(kernel, kernel.harness.cases()[-1], threads, SETTINGS, budget_s=5.0)


@pytest.mark.needs("gcc", "clang", "libomp")
def test_the_faster_build_takes_part(tmp_path: Path) -> None:
    made = prepared(kernel_of(KERNELS / "matmul" / "kernel.c", tmp_path, SETTINGS), 2)
    assert isinstance(made, Entrant), made
    assert made.label.startswith(("expert.c, gcc ", "expert.c, clang "))
    assert made.is_threaded
    assert not made.objections


def scaled(folder: Path, expert: str | None) -> Kernel:
    """Return a kernel whose expert is ``expert``."""
    text = "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] *= 2.0; }"
    (folder / "kernel.c").write_text(text)
    if expert is not None:
        (folder / FILE_NAME).write_text(expert)
    return kernel_of(folder / "kernel.c", folder / "scratch", SETTINGS, "f")


def test_no_file_no_expert(tmp_path: Path) -> None:
    reason = Expert().inapplicable(scaled(tmp_path, None))
    assert reason is not None
    assert "expert.c" in reason


@pytest.mark.needs("gcc")
def test_an_expert_without_threads_is_objected_to(tmp_path: Path) -> None:
    kernel = scaled(tmp_path, "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] += a[i]; }")
    made = prepared(kernel, 2)
    assert isinstance(made, Entrant), made
    assert made.is_threaded is False
    assert made.objections


@pytest.mark.needs("gcc")
def test_an_expert_that_does_not_build_is_an_answer(tmp_path: Path) -> None:
    made = prepared(scaled(tmp_path, "void f(int n, double *a) { undeclared(n, a) }"), 2)
    assert isinstance(made, MeasurementFailed)
    assert "error" in made.reason


@pytest.mark.needs("gcc")
def test_an_expert_that_crashes_is_an_answer(tmp_path: Path) -> None:
    made = prepared(scaled(tmp_path, "void f(int n, double *a) { (void)n, (void)a, __builtin_trap(); }"), 2)
    if isinstance(made, Entrant):  # with one compiler there is nothing to choose between, and nothing is run
        assert len(find_compilers(SETTINGS)) == 1
    else:
        assert "SIGILL" in made.reason
