"""Lines of docs/security.md that no other test shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults import PATIENT_S, RECURRENCE, environment, loopwright, stopped_at
from loopwright.config import Limits, Settings
from loopwright.core.report import NestOutcome
from loopwright.frontend.bounded import bounded
from loopwright.models.scripted import Scripted
from loopwright.pipeline.optimization import optimize_at
from loopwright.pipeline.workbench import opened_workbench
from loopwright.toolchain.compiler import Build, build, find_compilers

PARALLEL = json.dumps({"steps": [{"step": "parallelize", "loop": "i"}]})


def test_control_characters_of_a_source_do_not_reach_the_terminal(tmp_path: Path) -> None:
    text = RECURRENCE.replace("+ 1.0;", "+ 1.0; /* \x1b[2J\x1b]0;owned\x07 \x9b31m \u202e */")
    (tmp_path / "user.c").write_text(text, encoding="utf-8")
    completed = loopwright("analyze", "user.c", cwd=tmp_path)
    assert completed.returncode == 0
    assert "a[i] = a[i - 1] * 0.5" in completed.stdout
    shown = completed.stdout + completed.stderr
    assert not {character for character in shown if not character.isprintable()} - {"\n"}


def test_line_directives_do_not_choose_the_file(tmp_path: Path) -> None:
    (tmp_path / "other.c").write_text("int untouched;\n")
    (tmp_path / "user.c").write_text('#line 1 "other.c"\n' + RECURRENCE)
    completed = loopwright("analyze", "user.c", "--format", "json", cwd=tmp_path)
    assert completed.returncode == 0, completed.stderr
    document = json.loads(completed.stdout)
    assert document["path"] == "user.c"
    assert [loop["line"] for nest in document["nests"] for loop in nest["loops"]] == [3]
    assert (tmp_path / "other.c").read_text() == "int untouched;\n"


def test_an_included_file_is_read_and_only_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("this is no C\n")
    (tmp_path / "user.c").write_text(f'#include "{secret}"\n' + RECURRENCE)
    before = secret.stat()
    completed = loopwright("analyze", "user.c", cwd=tmp_path)
    assert completed.returncode == 2
    assert "LW902" in completed.stderr
    assert (secret.read_text(), secret.stat().st_mtime_ns) == ("this is no C\n", before.st_mtime_ns)


def test_a_link_in_the_place_of_the_answer_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "user.c").write_text(RECURRENCE)
    (tmp_path / "loopwright-out").mkdir()
    (tmp_path / "victim").write_text("mine")
    for name in ("user.patch", "user.report.json"):
        (tmp_path / "loopwright-out" / name).symlink_to(tmp_path / "victim")
    completed = loopwright("optimize", "user.c", "--model", "none", "--budget", "1s", cwd=tmp_path)
    assert completed.returncode == 1, completed.stderr
    assert (tmp_path / "victim").read_text() == "mine"
    assert json.loads((tmp_path / "loopwright-out" / "user.report.json").read_text())
    assert not (tmp_path / "loopwright-out" / "user.report.json").is_symlink()


def test_a_link_in_the_place_of_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "user.c").write_text(RECURRENCE)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "loopwright-out").symlink_to("elsewhere")
    loopwright("optimize", "user.c", "--model", "none", "--budget", "1s", cwd=tmp_path)
    assert (tmp_path / "elsewhere" / "user.report.json").is_file()


@pytest.mark.needs("gcc")
def test_a_file_can_be_built_in(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("key-0123")
    built_in = f'__asm__(".data\\n.incbin \\"{tmp_path / "secret"}\\"\\n.text");'
    (tmp_path / "user.c").write_text(built_in + "\nint main(void) { return 0; }\n")
    [gcc] = [compiler for compiler in find_compilers(Settings()) if compiler.facts.family == "gcc"]
    place = tmp_path / "out"
    place.mkdir()
    made = build(gcc, tmp_path / "user.c", place / "a", (), language="c", cwd=place, limits=Limits())
    assert isinstance(made, Build), made
    assert b"key-0123" in made.binary.read_bytes()


IMPATIENT = """
import sys
from loopwright.cli.main import run
from loopwright.frontend import bounded
bounded.PARSE_S, bounded.PARSE_BYTES = float(sys.argv.pop(1)), 64 << 20
run()
"""


@pytest.mark.parametrize(
    ("name", "limit_s", "words"), [("pipe.h", "0.5", "still being read"), ("/dev/zero", "60", "more than 64 MiB")]
)
def test_an_include_without_an_end_meets_a_limit(tmp_path: Path, name: str, limit_s: str, words: str) -> None:
    os.mkfifo(tmp_path / "pipe.h")
    (tmp_path / "user.c").write_text(f'#include "{name}"\n' + RECURRENCE)
    completed = subprocess.run(
        [sys.executable, "-c", IMPATIENT, limit_s, "analyze", "user.c"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENT_S,
        check=False,
    )
    assert completed.returncode == 2
    last = completed.stderr.splitlines()[-1]
    assert last.startswith("loopwright: error: LW218: ")
    assert words in last


def test_ctrl_c_is_heard_while_a_file_is_parsed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h")
    (tmp_path / "user.c").write_text('#include "pipe.h"\n' + RECURRENCE)
    start = time.monotonic()
    said = stopped_at("parsing", signal.SIGINT, "analyze", "user.c", cwd=tmp_path, delay_s=1.0)
    assert said.endswith("loopwright: error: interrupted\n")
    assert time.monotonic() - start < 60.0


def test_an_error_in_the_parser_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0, "user.c")


def test_the_parser_runs_in_this_process(tmp_path: Path) -> None:
    (tmp_path / "user.c").write_text(RECURRENCE)
    with opened_workbench(tmp_path / "user.c", (), None, Settings(cache=tmp_path / "cache"), lambda _: None):
        maps = Path(f"/proc/{os.getpid()}/maps").read_text()
    assert "libclang" in maps


def test_a_script_of_replies_is_checked_like_a_model(tmp_path: Path) -> None:
    (tmp_path / "user.c").write_text(RECURRENCE)
    settings = Settings(cache=tmp_path / "cache", budget_s=2.0)
    model = Scripted([PARALLEL], cycle=True)
    with opened_workbench(tmp_path / "user.c", (), None, settings, lambda _: None) as bench:
        report = optimize_at(bench, model, settings, path=tmp_path / "user.c").report
    [nest] = report.nests
    assert model.calls
    assert [item.proposal.plan for item in nest.proposals if item.proposal.plan is not None]
    assert nest.outcome is NestOutcome.REFUSED
    assert report.patch == ""
