"""The machine's peaks, with real compilers. No assertion depends on how fast anything is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.config import Settings
from loopwright.core.campaign import Peaks
from loopwright.measure import peaks as peaks_module
from loopwright.measure.peaks import measure_peaks
from loopwright.toolchain.compiler import Compiler
from loopwright.toolchain.host import describe_host


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peaks_module, "_LEAST_BYTES", 1 << 20)
    monkeypatch.setattr(peaks_module, "_TIMES_CACHE", 0)
    monkeypatch.setattr(peaks_module, "_REPEATS", 2)
    # Whatever else runs here.
    monkeypatch.setattr(peaks_module, "_UNDISTURBED", 0.0)


def settings_in(folder: Path) -> Settings:
    return Settings(cache=folder / "cache", clang="no-such-clang")


def files_of(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "peaks").glob("*"))


@pytest.mark.needs("gcc")
def test_peaks_are_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    found = measure_peaks(settings, (2, 1, 2))
    assert [each.threads for each in found] == [1, 2]
    for each in found:
        assert each.bytes_per_s > 1e6
        assert each.double_flop_per_s > 1e6
        assert each.single_flop_per_s > 1e6
    assert len(files_of(tmp_path)) == 2
    monkeypatch.setattr(peaks_module, "run", None)
    monkeypatch.setattr(peaks_module, "build", None)
    assert measure_peaks(settings, (1, 2)) == found
    assert measure_peaks(settings, (2,)) == found[1:]


@pytest.mark.needs("gcc")
def test_the_probe_uses_the_threads_that_it_is_given(tmp_path: Path) -> None:
    one, three = (peaks_of_threads(tmp_path, count) for count in (1, 3))
    # Bytes and operations of one repetition: those of all threads together.
    assert three["triad"][0] == one["triad"][0]
    assert three["double"][0] == 3 * one["double"][0]
    assert three["single"][0] == 3 * one["single"][0] == 6 * one["double"][0]


def peaks_of_threads(folder: Path, threads: int) -> dict[str, list[float]]:
    compiler = peaks_module.find_compilers(settings_in(folder))[0]
    probe = Path(peaks_module.__file__).with_name("peaks.c").read_bytes()
    binary = peaks_module._build(compiler, probe, folder, Settings(), is_parallel=True)  # pyright: ignore[reportPrivateUsage]
    assert binary is not None
    environment = {"OMP_NUM_THREADS": str(threads)}
    done = peaks_module.run((binary, "100000", "2"), cwd=folder, timeout_s=60.0, environment=environment)
    assert done.ok, done.output
    lines = [line.split() for line in done.output.splitlines()]
    return {words[0]: [float(word) for word in words[1:]] for words in lines}


@pytest.mark.needs("gcc")
def test_a_spoilt_file_is_measured_again(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for content in ("[]", '{"threads": 1}', "\udcff"):
        (found,) = measure_peaks(settings, (1,))
        (file,) = files_of(tmp_path)
        assert json.loads(file.read_text())["bytes_per_s"] == found.bytes_per_s
        file.write_text(content, errors="surrogateescape")
    assert isinstance(measure_peaks(settings, (1,))[0], Peaks)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("figure", [0.0, -1.0, float("inf"), float("nan")])
def test_a_figure_that_no_machine_has_is_measured_again(figure: float, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    measure_peaks(settings, (1,))
    (file,) = files_of(tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), "double_flop_per_s": figure}))
    (found,) = measure_peaks(settings, (1,))
    assert 1e6 < found.double_flop_per_s < 1e18


@pytest.mark.needs("gcc")
def test_another_machine_has_peaks_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    measure_peaks(settings, (1,))
    host = replace(describe_host(settings), cpu="another")
    monkeypatch.setattr(peaks_module, "describe_host", lambda settings: host)
    measure_peaks(settings, (1,))
    assert len(files_of(tmp_path)) == 2


@pytest.mark.needs("gcc")
def test_figures_of_a_busy_machine_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peaks_module, "_UNDISTURBED", 10.0)
    assert len(measure_peaks(settings_in(tmp_path), (1,))) == 1
    assert not files_of(tmp_path)


@pytest.mark.needs("gcc")
def test_without_openmp_there_is_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def has_none(compiler: Compiler) -> bool:
        return False

    monkeypatch.setattr(peaks_module, "has_openmp", has_none)
    assert [each.threads for each in measure_peaks(settings_in(tmp_path), (1, 2))] == [1]


def test_without_a_compiler_there_are_none(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path, gcc="no-such-gcc", clang="no-such-clang")
    assert measure_peaks(settings, (1, 2)) == ()


@pytest.mark.needs("gcc")
def test_a_cache_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert len(measure_peaks(settings_in(tmp_path), (1,))) == 1
