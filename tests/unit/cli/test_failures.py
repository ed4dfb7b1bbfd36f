from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loopwright.cli.failure import Failure, Terminated, describe_failure
from loopwright.core.codes import Code
from loopwright.errors import ModelError, ToolchainError, UserError

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "LW911: Missing command"),
        (["optimise"], "LW911: No such command 'optimise'"),
        (["analyze"], "LW911: missing argument PATH"),
        (["optimize"], "LW911: Missing argument 'FILE'"),
        (["--nope"], "LW911: No such option: --nope"),
        (["analyze", "x.c", "--nope"], "LW911: No such option: --nope"),
        (["analyze", "x.c", "-Iinc"], "LW911: No such option: -I"),
        (["verify", "x.c", "-Wall"], "LW911: No such option: -W; compiler flags go behind --"),
        (["optimize", "x.c", "y.c"], "LW911: unexpected argument y.c"),
        (["analyze", "x.c", "--", "y.c"], "LW911: unexpected argument y.c"),
        (["analyze", "x.c", "y.c", "--function", "f"], "LW911: --function goes with one file"),
        (["analyze", "x.c", "--nest-limit", "soon"], "LW911: not a duration: 'soon'"),
        (["analyze", "x.c", "--format", "xml"], "LW911: Invalid value for '--format'"),
        (["optimize", "x.c", "--accept", "anything"], "LW911: Invalid value for '--accept'"),
        (["optimize", "x.c", "--fp", "fast"], "LW911: Invalid value for '--fp'"),
        (["optimize", "x.c", "--threads", "-1"], "LW911: Invalid value for '--threads'"),
        (["optimize", "x.c", "--threads", "two"], "LW911: Invalid value for '--threads'"),
        (["optimize", "x.c", "--seed", "-1"], "LW911: Invalid value for '--seed'"),
        (["optimize", "x.c", "--budget", "soon"], "LW911: not a duration: 'soon'"),
        (["optimize", "x.c", "--budget", "-3s"], "LW911: not a duration: '-3s'"),
        (["optimize", "x.c", "--function"], "LW911: Option '--function' requires an argument"),
        (["optimize", "x.c", "-o", "/proc/x"], "LW908: cannot write /proc/x"),
        (["verify"], "LW911: Missing argument 'FILE'"),
        (["models"], "LW911: Missing command"),
        (["models", "try", "nobody"], "LW911: no model called 'nobody'"),
    ],
)
def test_bad_usage_is_one_line(run_cli: Run, pipeline: Any, solver: Path, arguments: list[str], words: str) -> None:
    result = run_cli(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert words in result.error
    assert result.error.startswith("loopwright: error: LW9")
    assert result.err.count("error:") == 1
    assert {path.name for path in solver.parent.iterdir()} == {"solver.c"}


@pytest.mark.parametrize(
    ("failure", "words", "code"),
    [
        (
            UserError(Code.CANNOT_READ, "cannot read x.c:\nno such file", "check the path"),
            "LW901: cannot read x.c: no",
            2,
        ),
        (ToolchainError(Code.COMPILER_MISSING, "no compiler", "install one"), "LW905: no compiler; install one", 2),
        (ModelError(Code.MODEL_UNREACHABLE, "it is down"), "LW906: it is down", 2),
        (OSError(errno.ENOSPC, "No space left on device"), "LW908: cannot write: No space left on device", 2),
        (ValueError("a bug\nof two lines"), "internal error: ValueError: a bug of two lines; please report", 2),
        (RecursionError("deep"), "internal error: RecursionError: deep", 2),
        (MemoryError(), "out of memory", 2),
        (KeyboardInterrupt(), "loopwright: error: interrupted", 130),
        (Terminated(), "loopwright: error: terminated", 143),
    ],
)
@pytest.mark.parametrize("command", [["analyze"], ["optimize", "--in-place"], ["verify", "solver.c"]])
def test_whatever_happens_is_one_line(
    run_cli: Run, pipeline: Any, solver: Path, command: list[str], failure: BaseException, words: str, code: int
) -> None:
    pipeline.failure = failure
    result = run_cli(*command, "solver.c")
    assert result.code == code
    assert words in result.error
    assert "Traceback" not in result.err
    assert result.err.count("error: ") == 1 + result.err.count("internal error: ")
    assert result.out == ""
    assert {path.name for path in solver.parent.iterdir()} == {"solver.c"}


def test_debug_shows_the_traceback_and_still_the_line(
    run_cli: Run, pipeline: Any, solver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.failure = ValueError("a bug")
    result = run_cli("--debug", "analyze", solver)
    assert "Traceback" in result.err
    assert "internal error: ValueError: a bug" in result.error
    monkeypatch.setenv("LOOPWRIGHT_DEBUG", "1")
    assert "Traceback" in run_cli("analyze", solver).err


@pytest.mark.parametrize("arguments", [["--format", "json"], ["--format=json"]])
def test_json_has_an_error_document(run_cli: Run, pipeline: Any, solver: Path, arguments: list[str]) -> None:
    pipeline.failure = UserError(Code.DOES_NOT_PARSE, "line 3: no", "mend it")
    result = run_cli("analyze", solver, *arguments)
    assert result.code == 2
    document = json.loads(result.out)
    assert document["schema_version"] == 1
    assert document["error"] == {"code": "LW902", "message": "line 3: no", "hint": "mend it"}
    assert "LW902: line 3: no; mend it" in result.error


def test_json_among_the_compiler_flags_is_not_ours(run_cli: Run, pipeline: Any, solver: Path) -> None:
    pipeline.failure = UserError(Code.DOES_NOT_PARSE, "no")
    assert run_cli("analyze", solver, "--", "--format", "json").out == ""


def test_usage_errors_have_an_error_document_too(run_cli: Run) -> None:
    result = run_cli("optimize", "x.c", "--threads", "-1", "--format", "json")
    assert json.loads(result.out)["error"]["code"] == "LW911"


def test_long_and_hostile_messages_stay_one_short_line() -> None:
    line = describe_failure(UserError(Code.CANNOT_READ, "\x1b[2J" + "x" * 5000, "do this")).line
    assert "\x1b" not in line
    assert len(line) < 700
    assert line.endswith("...; do this")


def test_the_hint_names_the_help_of_the_command(run_cli: Run) -> None:
    assert run_cli("models", "list", "--nope").error.endswith("see loopwright models list --help")


def test_a_failure_without_code_has_none_in_its_line() -> None:
    assert Failure(None, "interrupted").line == "loopwright: error: interrupted"


def test_compile_commands_beside_the_file_that_do_not_know_it_are_passed_over(
    run_cli: Run, pipeline: Any, solver: Path
) -> None:
    solver.with_name("compile_commands.json").write_text("[]")
    result = run_cli("analyze", solver, "--", "-DX")
    assert result.code == 0
    assert "is not used" in result.err
    assert pipeline.calls[0]["flags"] == ("-DX",)


def test_named_compile_commands_must_know_the_file(run_cli: Run, pipeline: Any, solver: Path) -> None:
    solver.with_name("db.json").write_text("[]")
    result = run_cli("analyze", solver, "-p", solver.with_name("db.json"))
    assert result.code == 2
    assert "LW910" in result.error


def test_compile_commands_come_before_the_flags_given(run_cli: Run, pipeline: Any, solver: Path) -> None:
    entry = {"directory": str(solver.parent), "file": "solver.c", "command": "cc -DA=1 -Iinc -o x.o -c solver.c"}
    solver.with_name("compile_commands.json").write_text(json.dumps([entry]))
    result = run_cli("analyze", solver, "--", "-DA=2")
    assert result.code == 0
    flags = pipeline.calls[0]["flags"]
    assert flags[0] == "-DA=1"
    assert flags[-1] == "-DA=2"
    assert "-c" not in flags
