"""Lines of docs/security.md that no other test shows."""

from __future__ import annotations

import json
import os
from pathlib import Path

from faults import RECURRENCE, loopwright
from loopwright.config import Settings
from loopwright.core.report import NestOutcome
from loopwright.models.scripted import Scripted
from loopwright.pipeline.optimization import optimize_at
from loopwright.pipeline.workbench import opened_workbench

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
