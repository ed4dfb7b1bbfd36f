"""Library baselines in the real harness: what they leave behind is what the original leaves, and cheats are seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from baseline_kernels import KERNELS, kernel_of
from loopwright.baselines.base import Kernel
from loopwright.baselines.foreign import prepare
from loopwright.baselines.foreign.prepare import GUEST_BYTES
from loopwright.baselines.foreign.processor import openblas_cores, processor_flags
from loopwright.baselines.registry import require_baseline
from loopwright.config import Limits, Settings
from loopwright.core.campaign import MethodKind, Timing
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case, Flavour, complete_sizes, make_case
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import Observation, Run, RunFailed
from loopwright.harness.tolerance import Tolerance, difference
from loopwright.measure.field import measure_field
from loopwright.toolchain.compiler import Build, require_compilers

TERMS = 10_000
THREADS = 2

pytestmark = pytest.mark.needs("gcc", "libpython")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a cache of their own, so that nothing that was planned or tuned before is found."""
    return Settings(cache=tmp_path_factory.mktemp("cache"))


def kernel_named(name: str, folder: Path, settings: Settings) -> Kernel:
    return kernel_of(KERNELS / name / "kernel.c", folder / "scratch", settings)


def case_of(kernel: Kernel, sizes: dict[str, int], index: int = 0, flavour: Flavour = Flavour.NORMAL) -> Case:
    subject, roles = kernel.harness.subject, kernel.harness.roles
    return make_case(subject, roles, index, complete_sizes(subject, sizes, index), flavour, 31 * index + 7)


def entrant_of(
    method: str, kernel: Kernel, case: Case, settings: Settings, threads: int = THREADS, budget_s: float = 1.0
) -> Entrant:
    baseline = require_baseline(method)
    assert baseline.missing(settings) is None
    assert baseline.inapplicable(kernel) is None
    made = baseline.prepare(kernel, case, threads, settings, budget_s=budget_s)
    assert isinstance(made, Entrant), made
    assert (made.method, made.kind, made.claims_threads) == (method, baseline.kind, baseline.claims_threads)
    assert made.objections == ()
    return made


def observed(
    kernel: Kernel, build: Build, cases: tuple[Case, ...], entrant: Entrant | None = None, perturbation: float = 0.0
) -> tuple[Observation, ...]:
    ran = kernel.harness.observe_all(
        build,
        cases,
        threads=THREADS,
        environment=dict(entrant.environment) if entrant else {},
        memory_bytes=entrant.memory_bytes if entrant else 0,
        sandbox=entrant.sandbox if entrant else None,
        perturbation=perturbation,
    )
    assert isinstance(ran, Run), ran
    return ran.observations


def assert_same_results(kernel: Kernel, entrant: Entrant, cases: tuple[Case, ...]) -> None:
    """Everything that the original leaves in memory, inputs included, is what the library leaves."""
    compiler = require_compilers(kernel.harness.settings)[0]
    original = kernel.harness.build(kernel.unit.source.content, compiler, ("-O2",))
    assert isinstance(original, Build)
    spec = kernel.harness.subject.spec
    tolerance = Tolerance.for_terms(TERMS, spec.relative, spec.absolute)
    spread = [observed(kernel, original, cases, perturbation=size) for size in (1.0, 3.0)]
    expected, found = observed(kernel, original, cases), observed(kernel, entrant.build, cases, entrant)
    for place, (old, new) in enumerate(zip(expected, found, strict=True)):
        assert new.damage == ()
        others = [shaken[place] for shaken in spread]
        assert difference(old, new, tolerance, others, spec.outputs) is None, cases[place].label


@pytest.mark.parametrize(
    ("method", "name"),
    [
        pytest.param(method, name, marks=pytest.mark.needs(method))
        for method, name in [
            ("openblas", "matmul"),
            ("scipy", "fft"),
            ("scipy", "spmv"),
            ("scipy", "pagerank"),
            ("scipy", "bfs"),
            ("scipy", "dijkstra"),
            ("fftw", "fft"),
            ("torch", "conv2d"),
        ]
    ],
)
def test_a_library_gives_the_results_of_the_original(
    method: str, name: str, tmp_path: Path, settings: Settings
) -> None:
    kernel = kernel_named(name, tmp_path, settings)
    sizes = [dict(chosen) for chosen in kernel.harness.subject.spec.test]
    cases = tuple(case_of(kernel, chosen, index) for index, chosen in enumerate(sizes))
    entrant = entrant_of(method, kernel, cases[-1], settings)
    assert entrant.label
    assert entrant.memory_bytes == GUEST_BYTES
    assert_same_results(kernel, entrant, cases)


@pytest.mark.needs("openblas")
@pytest.mark.skipif(
    not openblas_cores(processor_flags()), reason="which kernels are right is known for AVX2 and AVX-512"
)
def test_openblas_with_old_kernels_and_too_few_threads_is_objected_to(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (("OPENBLAS_NUM_THREADS", "1"), ("OPENBLAS_CORETYPE", "Nehalem"))
    monkeypatch.setattr(prepare, "guest_environment", lambda threads: old)
    kernel = kernel_named("matmul", tmp_path, settings)
    made = require_baseline("openblas").prepare(kernel, case_of(kernel, {"n": 8}), THREADS, settings, budget_s=1.0)
    assert isinstance(made, Entrant), made
    assert "runs kernels for Nehalem" in made.objections[0]
    assert "uses 1 threads instead of 2" in made.objections[1]
    assert made.environment == old


@pytest.mark.needs("halide")
def test_halide_gives_the_results_of_the_original_and_is_not_scheduled_twice(
    tmp_path: Path, settings: Settings
) -> None:
    kernel = kernel_named("jacobi2d", tmp_path, settings)
    case = case_of(kernel, {"n": 61, "sweeps": 3})
    first = entrant_of("halide", kernel, case, settings)
    assert_same_results(kernel, first, (case,))
    again = entrant_of("halide", kernel, case, settings)
    assert again.build == first.build
    assert again.label == first.label
    other = case_of(kernel, {"n": 62, "sweeps": 3})
    environment = dict(first.environment)
    refused = kernel.harness.observe_all(
        first.build,
        (other,),
        environment=environment,
        memory_bytes=first.memory_bytes,
        sandbox=first.sandbox,
    )
    assert isinstance(refused, RunFailed)
    assert b"halide compiled for n=61, called with 62" in refused.stderr


@pytest.mark.needs("tvm")
def test_tvm_gives_the_results_of_the_original(tmp_path: Path, settings: Settings) -> None:
    kernel = kernel_named("matmul", tmp_path, settings)
    case = case_of(kernel, {"n": 24})
    assert_same_results(kernel, entrant_of("tvm", kernel, case, settings), (case,))


SCALE = """
double scale(int n, double factor, const double *x, double *y)
{
    double last = 0.0;
    for (int i = 0; i < n; i++) {
        y[i] = 2.0 * x[i];
        last = y[i];
    }
    return n > 0 ? last * 0.0 + 1.0 : 0.0;
}
"""
HONEST = """
def {method}(call):
    n = call.integer("n")
    call.array("y", (n,))[:] = 2.0 * call.array("x", (n,))
    return 1.0 if n else 0.0
"""
# Each replaces the line that does the work; all of them would be fast.
CHEATS = {
    "zeros": "call.array('y', (n,))[:] = 0.0",
    "nothing": "pass",
    "cached": "call.array('y', (n,))[:] = call.kept('y', lambda: 2.0 * call.array('x', (n,)))",
    "input": "x = call.array('x', (n,)); call.array('y', (n,))[:] = 2.0 * x; x[:] = 0.0",
    "red zone": "call.array('y', (n + 3,))[n:] = 0.0; call.array('y', (n,))[:] = 2.0 * call.array('x', (n,))",
}
FAILURES = {
    "raises": ("raise ArithmeticError('too hard')", Code.CRASHED, "ArithmeticError: too hard"),
    "leaves": ("raise SystemExit(0)", Code.CRASHED, "SystemExit: 0"),
    "ends": ("import os; os._exit(0)", Code.RESULTS_DIFFER, "before its results were complete"),
    "hangs": ("while True: pass", Code.TIMED_OUT, "time limit"),
    "other type": ("return 'fast'", Code.CRASHED, "TypeError"),
    "unknown": ("call.array('z', (n,))", Code.CRASHED, "KeyError: 'z'"),
    "missing import": ("import no_such_package", Code.CRASHED, "no_such_package"),
}
WORK = HONEST.splitlines()[3].strip()


def planted(folder: Path, library: str) -> Path:
    """Write a kernel with ``library`` beside it and return its folder."""
    (folder / "kernel.c").write_text(SCALE)
    (folder / "kernel.toml").write_text('function = "scale"\n[sizes]\ntest = [{ n = 9 }]\nmeasure = { n = 1000 }\n')
    (folder / "library.py").write_text(library)
    return folder


def field_with(folder: Path, library: str, settings: Settings) -> Timing | MeasurementFailed:
    """Return what a field of the original and the planted library says of the library."""
    kernel = kernel_of(planted(folder, library) / "kernel.c", folder / "scratch", settings)
    case = case_of(kernel, {"n": 1000})
    made = require_baseline("scipy").prepare(kernel, case, 1, settings, budget_s=1.0)
    if isinstance(made, MeasurementFailed):
        return made
    compiler = require_compilers(settings)[0]
    original = kernel.harness.build(kernel.unit.source.content, compiler, ("-O2",))
    assert isinstance(original, Build)
    serial = Entrant("gcc", MethodKind.SERIAL, "gcc", original, 1)
    timings = measure_field(kernel.harness, case, (serial, made), rounds=1, budget_s=5.0, seed=3)
    return timings[1]


@pytest.mark.needs("scipy")
def test_an_honest_library_counts(tmp_path: Path, settings: Settings) -> None:
    timing = field_with(tmp_path, HONEST.format(method="scipy"), settings)
    assert isinstance(timing, Timing)
    # The original takes a microsecond here; whether that is long enough to time is not what is asked.
    assert [text for text in timing.objections if "too short" not in text] == []
    assert timing.series is not None
    assert len(timing.series.samples_s) == 1


@pytest.mark.needs("scipy")
@pytest.mark.parametrize("cheat", CHEATS)
def test_a_library_that_cheats_is_objected_to(cheat: str, tmp_path: Path, settings: Settings) -> None:
    timing = field_with(tmp_path, HONEST.format(method="scipy").replace(WORK, CHEATS[cheat]), settings)
    assert isinstance(timing, Timing), timing
    assert any("wrong results" in objection for objection in timing.objections)
    assert not timing.counts


@pytest.mark.needs("scipy")
@pytest.mark.parametrize("failure", FAILURES)
def test_a_library_that_fails_gives_no_time(failure: str, tmp_path: Path, settings: Settings) -> None:
    text, code, reason = FAILURES[failure]
    quick = replace(settings, limits=Limits(run_s=1.0))
    made = field_with(tmp_path, HONEST.format(method="scipy").replace(WORK, text), quick)
    assert isinstance(made, MeasurementFailed), made
    assert made.code is code
    assert reason in made.reason


@pytest.mark.needs("scipy")
def test_a_library_may_fail_later_than_in_its_first_run(tmp_path: Path, settings: Settings) -> None:
    # Its first run is two calls; only a file can tell a later process that there was one before.
    count = "log = call.folder / 'calls'; log.open('a').write('x'); assert log.stat().st_size <= 2; "
    late = HONEST.format(method="scipy").replace(WORK, count + WORK)
    timing = field_with(tmp_path, late, settings)
    assert isinstance(timing, Timing), timing
    assert timing.failure is Code.CRASHED
    assert timing.series is None
