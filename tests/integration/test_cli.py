"""The installed console script, with real files, signals and pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import psutil
import pytest

SCRIPT = Path(sys.executable).with_name("loopwright")
SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"

SOLVER = """\
void scale(int n, double *restrict a, const double *restrict b) {
    for (int i = 0; i < n; i++)
        a[i] = 2.0 * b[i] + 1.0;
}

void recur(int n, double *a) {
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] + 1.0;
}
"""
# Much arithmetic per byte, so that two idle cores pay off.
HEAVY = """\
#include <math.h>
void heavy(int n, double *restrict a, const double *restrict b) {
    for (int i = 0; i < n; i++) {
        double x = b[i];
        for (int k = 0; k < 60; k++)
            x = sqrt(fabs(sin(x) * 1.5 + cos(x)));
        a[i] = x;
    }
}
"""


def loopwright(
    *arguments: str | Path, cwd: Path, timeout: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def last_line(completed: subprocess.CompletedProcess[str]) -> str:
    return completed.stderr.rstrip("\n").rpartition("\n")[2]


def validate(name: str, text: str) -> dict[str, Any]:
    document = json.loads(text)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
    return document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "solver.c").write_text(SOLVER)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content", "flags", "words"),
    [
        ("missing.c", None, (), "LW901: "),
        ("folder", None, (), "LW901: "),
        ("empty.c", "", (), "LW901: "),
        ("blank.c", " \n\n", (), "LW901: "),
        ("broken.c", "void f( {", (), "LW902: "),
        ("words.c", "This is a letter, not a program.\n", (), "LW902: "),
        ("header.c", '#include "nowhere.h"\nvoid f(void) {}\n', (), "LW903: "),
        ("solver.c", SOLVER, ("--function", "swep"), "LW904: "),
    ],
)
@pytest.mark.parametrize("command", ["analyze", "optimize"])
def test_bad_input_is_one_line_and_leaves_nothing(
    folder: Path, command: str, name: str, content: str | None, flags: tuple[str, ...], words: str
) -> None:
    if content is not None:
        (folder / name).write_text(content)
    (folder / "folder").mkdir()
    before = {path.name for path in folder.iterdir()}
    completed = loopwright(command, name, *flags, "--format", "json", cwd=folder)
    assert completed.returncode == 2
    assert last_line(completed).startswith(f"loopwright: error: {words}")
    assert completed.stderr.count("error: LW") == 1
    assert "Traceback" not in completed.stderr
    assert words.startswith(json.loads(completed.stdout)["error"]["code"])
    assert {path.name for path in folder.iterdir()} == before


def test_a_missing_header_is_found_with_the_flags(folder: Path) -> None:
    (folder / "inc").mkdir()
    (folder / "inc" / "size.h").write_text("#define N 10\n")
    (folder / "x.c").write_text('#include "size.h"\nvoid f(double *a) { for (int i = 0; i < N; i++) a[i] = 0; }\n')
    assert loopwright("analyze", "x.c", cwd=folder).returncode == 2
    assert loopwright("analyze", "x.c", "--", "-Iinc", cwd=folder).returncode == 0
    assert loopwright("analyze", "x.c", "--", "-I", "inc", cwd=folder).returncode == 0


def test_analyze_answers_per_loop(folder: Path) -> None:
    completed = loopwright("analyze", "solver.c", "--format", "json", cwd=folder)
    assert completed.returncode == 0
    document = validate("analyze", completed.stdout)
    scale, recur = document["nests"]
    assert [loop["parallel"] for loop in scale["loops"]] == ["proved"]
    (loop,) = recur["loops"]
    assert (loop["parallel"], loop["code"], loop["line"]) == ("refuted", "LW101", 7)
    source, sink = loop["witness"]["source"], loop["witness"]["sink"]
    assert sink["iterators"]["i"] - source["iterators"]["i"] == 1
    assert loop["witness"]["element"] == f"a[{source['iterators']['i']}]"
    text = loopwright("analyze", "solver.c", cwd=folder).stdout
    assert "a[i] = a[i - 1] + 1.0;" in text


def test_a_file_of_20000_lines_is_analysed(folder: Path) -> None:
    function = "void f{0}(int n, double *a) {{\n    for (int i = 0; i < n; i++)\n        a[i] = {0};\n}}\n"
    filler = "/* " + "x\n" * 19000 + "*/\n"
    (folder / "long.c").write_text(filler + "".join(function.format(number) for number in range(250)))
    start = time.monotonic()
    completed = loopwright("analyze", "long.c", "--format", "json", cwd=folder)
    assert completed.returncode == 0
    assert len(validate("analyze", completed.stdout)["nests"]) == 250
    assert time.monotonic() - start < 60


@pytest.mark.needs("gcc")
def test_no_compiler_is_said_and_analysis_goes_on(folder: Path) -> None:
    completed = loopwright("optimize", "solver.c", "--model", "none", cwd=folder, PATH="/nowhere")
    assert completed.returncode == 2
    assert "LW905" in last_line(completed)
    assert "apt-get install" in last_line(completed)
    assert {path.name for path in folder.iterdir()} == {"solver.c"}
    assert loopwright("analyze", "solver.c", cwd=folder, PATH="/nowhere").returncode == 0


@pytest.mark.needs("gcc", "patch")
def test_optimize_answers_with_evidence_and_a_patch_that_applies(tmp_path: Path) -> None:
    (tmp_path / "heavy.c").write_text(HEAVY)
    completed = loopwright(
        *("optimize", "heavy.c", "--model", "none", "--budget", "20s", "-o", "out", "--format", "json"), cwd=tmp_path
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"heavy.patch", "heavy.report.json"}
    document = validate("optimize", completed.stdout)
    assert document == json.loads((tmp_path / "out" / "heavy.report.json").read_text())
    assert (tmp_path / "heavy.c").read_text() == HEAVY
    (nest,) = document["nests"]
    assert nest["proposals"][0]["legality"] == "proved"
    patch = (tmp_path / "out" / "heavy.patch").read_bytes()
    assert patch.decode() == document["patch"]
    if nest["outcome"] == "kept":  # a machine with no idle core has nothing to gain
        assert completed.returncode == 1
        assert nest["code"].startswith("LW5")
        assert patch == b""
        return
    assert completed.returncode == 0
    assert (nest["outcome"], nest["label"]) == ("delivered", "proved")
    assert nest["speedup"]["low"] > 1.0
    assert nest["measurement"]["candidate"]["samples_s"]
    subprocess.run(["patch", "-p1"], cwd=tmp_path, input=patch, check=True, capture_output=True)
    assert "#pragma omp" in (tmp_path / "heavy.c").read_text()
    subprocess.run(["gcc", "-Wall", "-Werror", "-fopenmp", "-c", "heavy.c"], cwd=tmp_path, check=True)


@pytest.mark.needs("gcc")
def test_verify_accepts_a_right_candidate_and_names_what_caught_a_wrong_one(tmp_path: Path) -> None:
    good = SOLVER.replace("    for (int i = 0;", "#pragma omp parallel for\n    for (int i = 0;")
    (tmp_path / "solver.c").write_text(SOLVER)
    (tmp_path / "good.c").write_text(good)
    (tmp_path / "bad.c").write_text(good.replace("2.0 * b[i]", "2.0 * b[n - 1 - i]"))
    completed = loopwright("verify", "solver.c", "good.c", "--format", "json", cwd=tmp_path)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    document = validate("verify", completed.stdout)
    assert document["accepted"] is True
    assert {item["function"] for item in document["findings"]} == {"scale"}
    completed = loopwright("verify", "solver.c", "bad.c", "--format", "json", cwd=tmp_path)
    assert completed.returncode == 1, completed.stderr
    failed = [item for item in validate("verify", completed.stdout)["findings"] if item["outcome"] == "fail"]
    assert [item["stage"] for item in failed] == ["differential"]


@pytest.mark.needs("gcc")
def test_a_named_model_that_is_down_is_said(folder: Path) -> None:
    completed = loopwright(
        *("optimize", "solver.c", "--model", "openai:nobody", "--model-url", "http://127.0.0.1:9/v1"),
        *("--budget", "5s", "--function", "recur"),
        cwd=folder,
    )
    # The run goes on without the model and says so; recur stays as it is.
    assert completed.returncode in (1, 2)
    assert "LW906" in completed.stderr + completed.stdout
    assert "Traceback" not in completed.stderr


@pytest.mark.parametrize("target", ["out", "out/deeper"])
def test_an_output_folder_that_cannot_be_is_refused_before_the_work(folder: Path, target: str) -> None:
    (folder / "out").write_text("a file")
    completed = loopwright("optimize", "solver.c", "-o", target, cwd=folder)
    assert completed.returncode == 2
    assert "LW908" in last_line(completed)
    assert (folder / "out").read_text() == "a file"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which this system does not have")
def test_a_full_disk_behind_standard_output(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        completed = subprocess.run(
            [SCRIPT, "analyze", "solver.c", "--format", "json"],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert completed.returncode == 2
    assert "LW908: cannot write: No space left on device" in last_line(completed)
    assert "Exception ignored" not in completed.stderr


def test_a_closed_pipe_ends_quietly(folder: Path) -> None:
    command = f"'{SCRIPT}' analyze solver.c 2>err | true; echo ${{PIPESTATUS[0]}}"
    completed = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    assert completed.stdout.strip() in ("0", "141")
    errors = (folder / "err").read_text()
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert "error:" not in errors


@pytest.fixture
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """``optimize --in-place`` in the middle of its work."""
    (folder / "solver.c").write_text(HEAVY)
    process = subprocess.Popen(
        [SCRIPT, "optimize", "solver.c", "--model", "none", "--in-place", "--budget", "60s"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    deadline = time.monotonic() + 60
    while not psutil.Process(process.pid).children(recursive=True) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    yield process
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()


@pytest.mark.needs("gcc")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_everything_and_leaves_nothing(
    running: subprocess.Popen[str], folder: Path, number: signal.Signals, code: int, word: str
) -> None:
    time.sleep(0.5)
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert running.returncode == code
    assert err.rstrip("\n").endswith(f"loopwright: error: {word}")
    assert "Traceback" not in err
    assert out == ""
    psutil.wait_procs(children, timeout=10)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert {path.name for path in folder.iterdir()} == {"solver.c"}
    assert (folder / "solver.c").read_text() == HEAVY


@pytest.mark.parametrize(("before", "code"), [("", 130), ("trap '' INT; ", 0)])
def test_an_interrupt_while_the_modules_load_ends_in_one_line(tmp_path: Path, before: str, code: int) -> None:
    # A module that the commands import sends the signal, so that it comes at that moment.
    (tmp_path / "typer.py").write_text(
        "import importlib, os, signal, sys\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        f"sys.path.remove({str(tmp_path)!r})\n"
        "del sys.modules['typer']\n"
        "sys.modules['typer'] = importlib.import_module('typer')\n"
    )
    path = os.pathsep.join((str(tmp_path), *filter(None, (os.environ.get("PYTHONPATH"),))))
    completed = subprocess.run(
        ["sh", "-c", f'{before}exec "$0" -m loopwright --version', sys.executable],
        cwd=tmp_path.parent,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode == code
    assert completed.stderr == ("loopwright: error: interrupted\n" if code else "")


def test_doctor_says_what_works(folder: Path) -> None:
    completed = loopwright("doctor", "--format", "json", cwd=folder)
    document = json.loads(completed.stdout)
    assert document["works"] is (completed.returncode == 0)
    assert {item["name"] for item in document["checks"]} >= {"gcc", "clang", "libclang", "isl"}


def test_the_first_words_come_within_two_seconds(folder: Path) -> None:
    with subprocess.Popen(
        [SCRIPT, "analyze", "solver.c"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "loopwright: reading solver.c\n"
        # Processor time, for the clock on the wall counts the neighbours too.
        used = psutil.Process(process.pid).cpu_times()
        assert used.user + used.system < 1.5
        process.stderr.read()


@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"COLUMNS": "20"}]
)
def test_names_outside_ascii_in_any_locale(folder: Path, environment: dict[str, str]) -> None:
    (folder / "größe.c").write_text("/* é */\n" + SOLVER, encoding="utf-8")
    completed = loopwright("analyze", "größe.c", cwd=folder, **environment)
    assert completed.returncode == 0, completed.stderr
    assert "1 of 2" in completed.stdout


def test_a_name_that_is_no_text_is_one_line(folder: Path) -> None:
    name = os.fsdecode(b"\xff.c")
    (folder / name).write_text(SOLVER)
    completed = loopwright("analyze", name, cwd=folder)
    assert completed.returncode == 2
    assert completed.stderr == r"loopwright: error: LW901: the name \udcff.c is not UTF-8; rename the file" + "\n"
