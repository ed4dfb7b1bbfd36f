"""``measure`` with the real harness and real compilers. No assertion depends on how fast anything is."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.config import Limits, Settings
from loopwright.core.codes import Code
from loopwright.core.measurement import Measurement, MeasurementFailed
from loopwright.core.source import Source
from loopwright.frontend.extract import extract
from loopwright.harness.harness import Harness
from loopwright.harness.spec import load_spec
from loopwright.harness.subject import Subject, make_subject
from loopwright.measure.measure import measure

KERNEL = """\
void scale(int n, double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n; i++) {
        a[i] = b[i] * b[i] + 1.0 / (b[i] + 4.0);
    }
}
"""
LOOP = "    for (int i = 0; i < n; i++) {\n"
PARALLEL = KERNEL.replace(LOOP, "#pragma omp parallel for\n" + LOOP)
# Sizes are given, so that nothing is searched for and a slow machine runs the same as a fast one.
SPEC = "[sizes]\nmeasure = { n = 200000 }\n"
SETTINGS = Settings(threads=2, seed=5, limits=Limits(run_s=30.0))
PATIENT_S = 300.0


def harness_of(folder: Path, settings: Settings = SETTINGS) -> Harness:
    path = folder / "kernel.c"
    path.write_text(KERNEL)
    (folder / "kernel.toml").write_text(SPEC)
    unit = extract(Source(str(path), KERNEL.encode()), settings)
    subject = make_subject(unit, unit.functions[0], load_spec(path))
    assert isinstance(subject, Subject), subject
    return Harness(subject, settings, folder / "scratch")


def go(folder: Path, candidate: str, settings: Settings = SETTINGS, pairs: int = 7) -> Measurement | MeasurementFailed:
    harness = harness_of(folder, settings)
    return measure(harness, KERNEL.encode(), candidate.encode(), settings, pairs=pairs, budget_s=PATIENT_S)


@pytest.mark.needs("gcc", "clang", "libomp")
def test_a_measurement_holds_all_that_it_rests_on(tmp_path: Path) -> None:
    measurement = go(tmp_path, PARALLEL)
    if isinstance(measurement, MeasurementFailed):
        assert measurement.code is Code.TOO_NOISY  # an answer that a busy machine may give
        return
    assert measurement.low <= measurement.median <= measurement.high
    assert len(measurement.ratios) == 7
    assert len(measurement.candidate.samples_s) == 7
    assert {series.label for series in measurement.baselines} == {
        "gcc -O3 -march=native",
        "clang -O3 -march=native",
    }
    assert measurement.baseline == measurement.baselines[0].label
    assert measurement.candidate.label.endswith("-fopenmp")
    assert all(sample > 0.0 for series in measurement.baselines for sample in series.samples_s)
    assert dict(measurement.sizes)["n"] == 200000
    assert (measurement.threads, measurement.seed) == (2, 5)
    # 3.2 MB at 2.4 TB/s: known, and harmless.
    assert 0.0 < measurement.floor_s < 1e-5


@pytest.mark.needs("gcc")
def test_gcc_alone_can_measure(tmp_path: Path) -> None:
    settings = Settings(threads=2, clang="no-such-clang")
    measurement = go(tmp_path, PARALLEL, settings, pairs=1)
    assert isinstance(measurement, Measurement)
    assert [series.label for series in measurement.baselines] == ["gcc -O3 -march=native"]


@pytest.mark.needs("gcc")
def test_a_candidate_that_does_not_compile_is_an_answer(tmp_path: Path) -> None:
    failed = go(tmp_path, PARALLEL.replace("parallel for", "parallel for schedule(nonsense)"))
    assert isinstance(failed, MeasurementFailed)
    assert failed.code is Code.BUILD_FAILED
    assert "candidate" in failed.reason


@pytest.mark.needs("gcc")
def test_a_candidate_that_crashes_on_the_large_input_is_an_answer(tmp_path: Path) -> None:
    failed = go(tmp_path, KERNEL.replace(LOOP, "    if (n > 1000) __builtin_trap();\n" + LOOP))
    assert isinstance(failed, MeasurementFailed)
    assert failed.code is Code.CRASHED
    assert "candidate" in failed.reason


@pytest.mark.needs("gcc")
def test_a_candidate_that_hangs_on_the_large_input_is_an_answer(tmp_path: Path) -> None:
    settings = Settings(threads=2, clang="no-such-clang", limits=Limits(run_s=3.0))
    hang = '    while (n > 1000) __asm__ volatile("");\n'
    failed = go(tmp_path, KERNEL.replace(LOOP, hang + LOOP), settings)
    assert isinstance(failed, MeasurementFailed)
    assert failed.code is Code.TIMED_OUT


@pytest.mark.needs("gcc")
def test_a_candidate_that_does_nothing_is_impossibly_fast(tmp_path: Path) -> None:
    failed = go(tmp_path, KERNEL.replace(LOOP, "    if (n > 1000) return;\n" + LOOP))
    assert isinstance(failed, MeasurementFailed)
    assert failed.code is Code.IMPOSSIBLE_TIME
