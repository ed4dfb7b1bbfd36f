"""``analyze`` over many files, with real child processes: hangs, crashes, limits, the cache, an interrupt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import psutil
import pytest

from loopwright.config import Limits, Settings
from loopwright.core.survey import CodeBaseReport, FileOutcome
from loopwright.pipeline.code_base.survey import analyze_files

SCRIPT = Path(sys.executable).with_name("loopwright")
SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
SCALE = "void scale(int n, double *restrict a) { for (int i = 0; i < n; i++) a[i] = 2 * a[i]; }\n"
RECUR = "void recur(int n, double *a) { for (int i = 1; i < n; i++) a[i] = a[i - 1]; }\n"
CALL = "void call(int n) { for (int i = 0; i < n; i++) elsewhere(i); }\n"


def slow_nest(statements: int) -> str:
    """A nest whose dependences take long to compute: every pair of references may conflict, in four loops."""
    body = "".join(f"a[i + {k} * j + k][j + {k} * l] += a[k + {k}][i + {k + 1}];" for k in range(statements))
    bounds = (("i", "0"), ("j", "i"), ("k", "j"), ("l", "k"))
    loops = " ".join(f"for (int {name} = {low}; {name} < n; {name}++)" for name, low in bounds)
    return f"void slow(int n, double a[restrict][900]) {{ {loops} {{ {body} }} }}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.c").write_text(SCALE + RECUR)
    (source / "b.c").write_text("void elsewhere(int);\n" + CALL)
    (source / "c.c").write_text('#include "nowhere.h"\n' + SCALE)
    (source / "d.c").write_text("void broken(int n) { for (int i = 0; i < n; i++) nowhere = i; }\n" + SCALE)
    (source / "e.c").write_bytes(b"")
    return source


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache")


def outcomes(report: CodeBaseReport) -> dict[str, str]:
    return {Path(answer.path).name: answer.outcome.value for answer in report.files}


def test_files_are_analysed_and_added_up(folder: Path, settings: Settings) -> None:
    heard: list[str] = []
    report = analyze_files([folder], settings=settings, jobs=2, progress=heard.append)
    assert outcomes(report) == {
        "a.c": "analysed",
        "b.c": "analysed",
        "c.c": "incomplete",
        "d.c": "incomplete",
        "e.c": "refused",
    }
    totals = report.totals
    assert (totals.files, totals.functions, totals.loops, totals.unsupported) == (5, 6, 4, 2)
    assert (totals.proved, totals.refuted, totals.undecided) == (1, 1, 2)
    assert {code.name for code, _ in totals.reasons} >= {"FLOW_DEPENDENCE", "UNKNOWN_CALL", "HEADER_MISSING"}
    assert heard[-1] == "5 of 5 files, 6 functions, 6 loops, 1 proved parallel"
    assert any("nowhere.h" in note for note in report.notes)


def test_flags_name_folders_as_seen_from_where_the_command_is_given(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "nowhere.h").write_text("\n")
    command = [SCRIPT, "analyze", "src/c.c", "src/a.c", "--no-cache", "--format", "json", "--", "-Iinclude"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["totals"]["outcomes"] == {"analysed": 2}, done.stdout


def test_a_second_run_takes_the_first_ones_answers(folder: Path, settings: Settings) -> None:
    first = analyze_files([folder], settings=settings, jobs=2)
    second = analyze_files([folder], settings=settings, jobs=2)
    assert [answer.document for answer in second.files] == [answer.document for answer in first.files]
    # What was refused is looked at again.
    assert second.totals.cached == 4
    (folder / "a.c").write_text(RECUR)
    third = analyze_files([folder], settings=settings, jobs=2)
    assert (third.totals.cached, third.totals.proved) == (3, 0)


def test_a_file_that_takes_too_long_is_given_up_and_the_others_are_not(folder: Path, settings: Settings) -> None:
    (folder / "slow.c").write_text(slow_nest(60))
    tight = replace(settings, limits=replace(Limits(), nest_s=1000.0, file_s=2.0))
    report = analyze_files([folder], settings=tight, jobs=2)
    assert outcomes(report)["slow.c"] == "limit"
    assert [answer.message for answer in report.files if answer.outcome is FileOutcome.LIMIT] == [
        "its analysis took longer than 2 s"
    ]
    assert report.totals.outcome(FileOutcome.ANALYSED) == 2
    assert report.totals.outcome(FileOutcome.CRASHED) == 0


def test_a_nest_that_takes_too_long_is_undecided_and_its_file_is_not(folder: Path, settings: Settings) -> None:
    (folder / "slow.c").write_text(slow_nest(60) + SCALE)
    tight = replace(settings, limits=replace(Limits(), nest_s=0.5, file_s=60.0))
    report = analyze_files([folder / "slow.c", folder / "a.c"], settings=tight, jobs=1)
    (document,) = [answer.document for answer in report.files if answer.path.endswith("slow.c")]
    codes = {loop["code"] for nest in document["nests"] for loop in nest["loops"]}
    codes |= {item["code"] for item in document["unsupported"]}
    assert "LW218" in codes
    assert any(loop["parallel"] == "proved" for nest in document["nests"] for loop in nest["loops"])


def test_a_process_without_memory_is_an_answer_for_its_file(folder: Path, settings: Settings) -> None:
    poor = replace(settings, limits=replace(Limits(), memory_bytes=96 << 20))
    report = analyze_files([folder / "a.c", folder / "b.c"], settings=poor, jobs=2)
    assert not report.totals.functions
    assert all(answer.outcome in (FileOutcome.CRASHED, FileOutcome.LIMIT) for answer in report.files)


def test_text_that_the_parser_dies_of_is_an_answer(folder: Path, settings: Settings) -> None:
    (folder / "deep.c").write_text("int f(int x) { return " + "-" * 3 + "- " * 60_000 + "x; }\n")
    report = analyze_files([folder], settings=settings, jobs=1)
    assert outcomes(report)["deep.c"] != "analysed"
    assert outcomes(report)["a.c"] == "analysed"


def script(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LOOPWRIGHT_CACHE": str(cwd / "cache")}
    return subprocess.run(
        [SCRIPT, "analyze", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_json_of_many_files_is_one_document_of_the_schema(folder: Path, tmp_path: Path) -> None:
    done = script("src", "src/a.c", "--format", "json", "-j", "2", "--", "-DX", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document: Any = json.loads(done.stdout)
    whole, part = (json.loads((SCHEMAS / f"{name}.schema.json").read_text()) for name in ("analyze-files", "analyze"))
    jsonschema.validate(document, whole, jsonschema.Draft202012Validator)
    for item in document["files"]:
        if item["analysis"] is not None:
            jsonschema.validate(item["analysis"], part, jsonschema.Draft202012Validator)
    assert [item["path"] for item in document["files"]] == [f"src/{name}.c" for name in "abcde"]
    assert document["totals"]["reasons"]["LW101"] == 1
    assert "5 of 5 files" in done.stderr


def test_text_of_many_files_ends_with_a_table_of_reasons(folder: Path, tmp_path: Path) -> None:
    done = script("src", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "src/a.c" in done.stdout
    table = done.stdout.partition("totals")[2]
    assert "1 proved parallel, 1 refuted" in table
    assert "LW101" in table
    assert "src/a.c" not in script("src", "--summary", cwd=tmp_path).stdout


def test_nothing_that_could_be_analysed_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "e.c").write_text("")
    assert script("src", cwd=tmp_path).returncode == 2


def test_an_interrupt_leaves_no_process(folder: Path, tmp_path: Path) -> None:
    (folder / "slow.c").write_text(slow_nest(60))
    environment = {**os.environ, "LOOPWRIGHT_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(
        [SCRIPT, "analyze", "src", "--nest-limit", "1000s", "--file-limit", "1000s"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    workers: list[psutil.Process] = []
    try:
        parent = psutil.Process(process.pid)
        end = time.monotonic() + 60
        while not workers and time.monotonic() < end:
            # A child may end while it is looked at.
            with suppress(psutil.Error):
                children = parent.children(recursive=True)
                workers = [child for child in children if "code_base.worker" in " ".join(child.cmdline())]
            time.sleep(0.1)
        assert workers
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        psutil.wait_procs(workers, timeout=10)
        assert not [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]
    finally:
        process.kill()
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
