"""What library baselines and tuners say without running anything, and what their checks object to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from baseline_kernels import KERNELS, kernel_of
from loopwright.baselines import libraries
from loopwright.baselines.foreign.definitions import undefined
from loopwright.baselines.foreign.packages import Package, missing_packages
from loopwright.baselines.foreign.processor import openblas_cores, processor_flags
from loopwright.baselines.foreign.report import Blas, Report
from loopwright.baselines.libraries import check_openblas, check_torch
from loopwright.baselines.registry import require_baseline
from loopwright.baselines.tuning.kept import Shelf, Tuned, shelf_for
from loopwright.baselines.tuning.task import Argument, Interface, Task
from loopwright.baselines.tuning.tvm_search import is_close
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind

SETTINGS = Settings()
AVX2 = frozenset({"avx2", "fma", "sse2"})
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@pytest.mark.parametrize(
    ("flags", "cores"), [(AVX512, "SkylakeX"), (AVX2, "Haswell"), (AVX512 - {"avx512vl"}, "Haswell")]
)
def test_openblas_is_asked_for_the_newest_kernels_that_run(flags: frozenset[str], cores: str) -> None:
    assert openblas_cores(flags)[0] == cores


@pytest.mark.parametrize("flags", [frozenset[str](), frozenset({"sse2"}), frozenset({"avx2"})])
def test_openblas_is_left_alone_where_nothing_better_is_known(flags: frozenset[str]) -> None:
    assert openblas_cores(flags) == ()


def test_flags_are_those_of_the_first_processor(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    assert processor_flags(file) == frozenset()
    file.write_text("model name\t: any\nflags\t\t: fpu avx2\nflags\t\t: other\n")
    assert processor_flags(file) == frozenset({"fpu", "avx2"})
    file.write_text("Features\t: asimd\n")
    assert processor_flags(file) == frozenset()


def blas(core: str, threads: int = 2) -> Report:
    return Report((Blas("libopenblas.so", "OpenBLAS 0.3", core, threads),))


@pytest.mark.parametrize(
    ("flags", "report", "words"),
    [
        (AVX512, blas("Haswell"), "kernels for Haswell where SkylakeX fits"),
        (AVX2, blas("Prescott"), "kernels for Prescott where Haswell fits"),
        (AVX2, blas("Haswell", 1), "1 threads instead of 2"),
        (AVX2, Report(), "no OpenBLAS"),
    ],
)
def test_the_wrong_openblas_is_objected_to(
    flags: frozenset[str], report: Report, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "processor_flags", lambda: flags)
    assert any(words in objection for objection in check_openblas(report, 2))


@pytest.mark.parametrize(
    ("flags", "core"),
    [(AVX512, "SkylakeX"), (AVX512, "Cooperlake"), (AVX2, "Zen"), (AVX2, "haswell"), (frozenset(), "x")],
)
def test_the_right_openblas_is_not(flags: frozenset[str], core: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "processor_flags", lambda: flags)
    assert check_openblas(blas(core), 2) == ()


def test_threads_are_looked_at() -> None:
    assert check_torch(Report(torch_threads=2), 2) == ()
    assert check_torch(Report(torch_threads=1), 2) == ("torch uses 1 threads instead of 2",)
    assert check_torch(Report(), 1) == ("torch was not loaded",)


def test_a_package_of_another_version_is_missing() -> None:
    numpy = Package("numpy", "numpy")
    assert missing_packages((numpy, replace(numpy, pin=numpy.version))) is None
    said = missing_packages((numpy, replace(numpy, pin="0.0.1"), Package("no_such_module", "no-such-package")))
    assert said == "numpy==0.0.1, no-such-package: pip install numpy==0.0.1 no-such-package"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("openblas", MethodKind.LIBRARY),
        ("torch", MethodKind.LIBRARY),
        ("fftw", MethodKind.LIBRARY),
        ("scipy", MethodKind.LIBRARY),
        ("halide", MethodKind.TUNER),
        ("tvm", MethodKind.TUNER),
        ("triton", MethodKind.TUNER),
    ],
)
def test_every_one_is_registered_and_says_what_it_lacks(name: str, kind: MethodKind) -> None:
    found = require_baseline(name)
    assert (found.name, found.kind) == (name, kind)
    said = found.missing(SETTINGS)
    assert said is None or said


LIBRARY_METHODS = {
    "attention": {"torch", "halide", "tvm"},
    "bfs": {"scipy"},
    "conv2d": {"torch", "halide", "tvm"},
    "dijkstra": {"scipy"},
    "fft": {"fftw", "scipy", "torch"},
    "jacobi2d": {"halide", "tvm"},
    "matmul": {"openblas", "torch", "halide", "tvm"},
    "maxpool": {"torch", "halide", "tvm"},
    "nbody": {"halide", "tvm"},
    "pagerank": {"scipy"},
    "spmv": {"scipy", "torch"},
}


@pytest.mark.parametrize("name", sorted(path.parent.name for path in KERNELS.glob("*/library.py")))
def test_a_kernel_takes_part_where_its_library_defines_the_method(name: str, tmp_path: Path) -> None:
    kernel = kernel_of(KERNELS / name / "kernel.c", tmp_path, SETTINGS)
    methods = ("openblas", "torch", "fftw", "scipy", "halide", "tvm", "triton")
    reasons = {method: require_baseline(method).inapplicable(kernel) for method in methods}
    assert {method for method, reason in reasons.items() if reason is None} == LIBRARY_METHODS[name]
    assert all(f"no function {method}()" in reason for method, reason in reasons.items() if reason is not None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "has no library.py"),
        ("def own(call:\n", "is not Python"),
        ("own = 3\n", "defines no function own()"),
        ("class own: pass\n", "defines no function own()"),
        ("def outer():\n    def own(call): pass\n", "defines no function own()"),
        ("raise SystemExit(1)\ndef own(call): pass\n", ""),
    ],
)
def test_a_library_is_parsed_and_not_run(text: str | None, reason: str, tmp_path: Path) -> None:
    (tmp_path / "kernel.c").write_text("void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = 0; }\n")
    if text is not None:
        (tmp_path / "library.py").write_text(text)
    kernel = kernel_of(tmp_path / "kernel.c", tmp_path / "scratch", SETTINGS, "f")
    found = undefined(kernel, "own")
    assert (found is None) if not reason else (found is not None and reason in found)


def test_what_was_tuned_is_found_again_unless_it_had_much_less_time(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    assert shelf.find(1.0) is None
    folder = shelf.new_folder()
    assert folder != shelf.new_folder()
    tuned = Tuned(str(folder), "label", 12.5, 30.0)
    shelf.put(tuned)
    assert shelf.find(30.0) == tuned
    assert shelf.find(60.0) == tuned
    assert shelf.find(61.0) is None
    folder.rmdir()
    assert shelf.find(30.0) is None


def test_what_was_tuned_for_something_else_is_not_found(tmp_path: Path) -> None:
    settings = replace(SETTINGS, cache=tmp_path / "cache")
    (tmp_path / "kernel.c").write_text("void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = 0; }\n")
    (tmp_path / "library.py").write_text("def own(definition): pass\n")

    def place(sizes: tuple[tuple[str, int], ...], threads: int, version: str) -> Path:
        kernel = kernel_of(tmp_path / "kernel.c", tmp_path / "scratch", settings, "f")
        return shelf_for(kernel, sizes, threads, settings, ("own", version)).folder

    first = place((("n", 3),), 2, "1")
    assert first == place((("n", 3),), 2, "1")
    others = [place((("n", 4),), 2, "1"), place((("n", 3),), 1, "1"), place((("n", 3),), 2, "2")]
    (tmp_path / "library.py").write_text("def own(definition): return\n")
    others.append(place((("n", 3),), 2, "1"))
    assert len({first, *others}) == 5


def test_a_task_and_an_interface_travel_as_text(tmp_path: Path) -> None:
    task = Task("/library.py", "halide", (("n", 5), ("m", 7)), 2, "/folder", "Adams2019", 30.0, 4)
    assert Task.parse(task.to_json()) == task
    arguments = (
        Argument("source", "float64", (5, 7)),
        Argument("squared", "float64", None),
        Argument("target", "float64", (5, 7), ((1, 4), (1, 6))),
    )
    interface = Interface(arguments, task.sizes)
    interface.write(tmp_path)
    assert Interface.read(tmp_path) == interface
    assert [argument.bounds for argument in arguments] == [((0, 5), (0, 7)), (), ((1, 4), (1, 6))]


@pytest.mark.parametrize(
    ("change", "kind", "verdict"),
    [(1e-6, "float32", True), (1e-2, "float32", False), (1e-12, "float64", True), (1e-6, "float64", False)],
)
def test_a_candidate_may_round_otherwise_and_no_more(change: float, kind: str, verdict: bool) -> None:
    expected = np.linspace(1.0, 2.0, 9).astype(kind)
    found = expected.copy()
    found[4] *= 1.0 + change
    assert is_close(found, expected) is verdict


def test_a_candidate_that_leaves_values_out_is_wrong() -> None:
    expected = np.ones(3)
    assert not is_close(np.array([1.0, np.nan, 1.0]), expected)
    assert not is_close(np.zeros(3), expected)
    assert is_close(np.zeros((0, 2)), np.zeros((0, 2)))
    assert not is_close(np.array([1, 3]), np.array([1, 2]))
