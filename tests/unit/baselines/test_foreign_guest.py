"""What a library.py meets, on the memory of this process."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from loopwright.baselines.foreign.guest import ALIGNMENT, Call, Request, enter
from loopwright.baselines.foreign.report import Blas, Report, read_report

PARAMETERS = (("n", ""), ("factor", ""), ("a", "f8"), ("b", "i4"))


def call_on(
    a: np.ndarray[tuple[int, ...], np.dtype[np.float64]], b: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> Call:
    call = Call(PARAMETERS, 3, Path("/nowhere"))
    call.enter((a.shape[0], 2.5, a.ctypes.data, b.ctypes.data))
    return call


def test_arrays_are_the_memory_itself() -> None:
    a, b = np.arange(12.0).reshape(4, 3), np.arange(5, dtype=np.int32)
    call = call_on(a, b)
    assert call.integer("n") == 4
    assert call.real("factor") == 2.5
    assert call.threads == 3
    assert call.has("factor")
    assert not call.has("c")
    seen = call.array("a", (4, 3))
    assert seen.dtype == np.float64
    seen[2, 1] = -1.0
    assert a[2, 1] == -1.0
    assert call.array("b", (5,)).tolist() == [0, 1, 2, 3, 4]


def test_a_further_call_sees_its_own_memory() -> None:
    first, second, b = np.zeros(3), np.ones(3), np.zeros(1, np.int32)
    call = call_on(first, b)
    assert call.array("a", (3,)).sum() == 0.0
    call.enter((3, 1.0, second.ctypes.data, b.ctypes.data))
    assert call.array("a", (3,)).sum() == 3.0
    assert call.array("a", (3, 1)).shape == (3, 1)


def test_an_empty_array_needs_no_memory() -> None:
    call = Call(PARAMETERS, 1, Path("/nowhere"))
    call.enter((0, 1.0, 0, 0))
    assert call.array("a", (0, 7)).shape == (0, 7)


def test_what_is_kept_is_made_once() -> None:
    call = Call(PARAMETERS, 1, Path("/nowhere"))
    made: list[int] = []
    for _ in range(3):
        call.kept(("plan", 4), lambda: made.append(1))
    call.kept(("plan", 5), lambda: made.append(1))
    assert len(made) == 2


def request(folder: Path, library: str, method: str = "own") -> str:
    (folder / "library.py").write_text(library)
    paths = str(folder / "library.py"), str(folder), str(folder / "report.json")
    return json.dumps(asdict(Request(paths[0], method, 2, paths[1], paths[2])))


def test_entering_runs_the_named_function_on_every_call_and_reports_once(tmp_path: Path) -> None:
    run = enter(request(tmp_path, "def own(call):\n    return call.integer('n') + call.threads\n"), PARAMETERS)
    report = tmp_path / "report.json"
    assert not report.exists()
    assert run((5, 0.0, 0, 0)) == 7
    assert isinstance(read_report(report), Report)
    report.unlink()
    assert run((6, 0.0, 0, 0)) == 8
    assert not report.exists()


def test_nothing_is_reported_of_a_call_that_failed(tmp_path: Path) -> None:
    run = enter(request(tmp_path, "def own(call):\n    raise ValueError(call.integer('n'))\n"), PARAMETERS)
    with pytest.raises(ValueError, match="5"):
        run((5, 0.0, 0, 0))
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize("library", ["other = 1\n", "def other(call): pass\n"])
def test_a_function_that_is_not_there_is_an_error(library: str, tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="own"):
        enter(request(tmp_path, library), PARAMETERS)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"blas": [{}], "torch_threads": 1}'])
def test_a_report_that_is_not_one_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert read_report(path) is None
    path.write_text(text)
    assert read_report(path) is None


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report = Report((Blas("libopenblas.so", "OpenBLAS 0.3", "Haswell", 2),), 2)
    path.write_text(json.dumps(asdict(report)))
    assert read_report(path) == report


def test_scratch_is_aligned_and_stays() -> None:
    call = Call(PARAMETERS, 1, Path("/nowhere"))
    first = call.scratch("sum", (3, 5), "float32")
    assert first.ctypes.data % ALIGNMENT == 0
    assert (first.shape, first.dtype) == ((3, 5), np.float32)
    first[:] = 4.0
    assert call.scratch("sum", (3, 5), "float32").sum() == 60.0
    assert call.scratch("other", (3, 5), "float32") is not first
    assert call.scratch("empty", (0,), "float64").shape == (0,)
