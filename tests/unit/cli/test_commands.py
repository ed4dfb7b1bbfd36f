from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loopwright.core.race import RaceVerdict

# The fixtures of conftest.py; typed loosely, since a test module cannot import from it.
Run = Callable[..., Any]


def test_version(run_cli: Run) -> None:
    result = run_cli("--version")
    assert (result.code, result.out, result.err) == (0, "loopwright 0.1.0\n", "")


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["doctor"],
        ["analyze"],
        ["optimize"],
        ["verify"],
        ["models"],
        ["models", "list"],
        ["models", "fetch"],
        ["models", "try"],
    ],
)
def test_help_has_examples(run_cli: Run, command: list[str]) -> None:
    result = run_cli(*command, "--help")
    assert result.code == 0
    assert result.err == ""
    if command != ["models"]:
        assert f"loopwright {' '.join(command)}".strip() in result.out


def test_analyze_text(run_cli: Run, pipeline: Any, solver: Path) -> None:
    result = run_cli("analyze", solver)
    assert result.code == 0
    assert "1 of 3 loops proved parallel" in result.out
    assert "working" in result.err
    assert "working" not in result.out


def test_analyze_json_is_alone_on_standard_output(run_cli: Run, pipeline: Any, solver: Path) -> None:
    result = run_cli("analyze", solver, "--format", "json")
    document = json.loads(result.out)
    assert (document["schema_version"], document["command"]) == (1, "analyze")
    assert "working" in result.err


def test_flags_behind_the_dashes_reach_the_pipeline(run_cli: Run, pipeline: Any, solver: Path) -> None:
    run_cli(
        "analyze", "--function", "sweep", solver, "--fp", "strict", "--", "-Iinc", "-I", "other", "-DN=100", "--", "-x"
    )
    call = pipeline.calls[0]
    assert call["flags"] == ("-Iinc", "-I", "other", "-DN=100", "--", "-x")
    assert call["function"] == "sweep"
    assert call["settings"].fp_strict


def test_options_reach_the_settings(run_cli: Run, pipeline: Any, solver: Path) -> None:
    run_cli(
        *("optimize", solver, "--model", "none", "--strategy", "tot", "--accept", "tested", "--fp", "strict"),
        *("--threads", "2", "--budget", "2m", "--seed", "5", "--model-url", "http://localhost:1/v1", "-o", "out"),
    )
    settings = pipeline.calls[0]["settings"]
    assert (settings.model, settings.strategy, settings.model_url) == ("none", "tot", "http://localhost:1/v1")
    assert (settings.accept_tested, settings.fp_strict) == (True, True)
    assert (settings.threads, settings.budget_s, settings.seed) == (2, 120.0, 5)


def test_optimize_writes_patch_and_report(run_cli: Run, pipeline: Any, solver: Path) -> None:
    result = run_cli("optimize", solver, "-o", "deep/out")
    assert result.code == 0
    folder = solver.parent / "deep" / "out"
    assert {path.name for path in folder.iterdir()} == {"solver.patch", "solver.report.json"}
    assert (folder / "solver.patch").read_text() == pipeline.optimization.patch
    assert json.loads((folder / "solver.report.json").read_text())["patch"] == pipeline.optimization.patch
    assert "deep/out/solver.patch" in result.out
    assert solver.read_text() == "void sweep(void) {\n}\n"


def test_optimize_json_equals_the_report_file(run_cli: Run, pipeline: Any, solver: Path) -> None:
    result = run_cli("optimize", solver, "--format=json")
    assert json.loads(result.out) == json.loads(Path("loopwright-out/solver.report.json").read_text())


def test_optimize_without_delivery_exits_1_and_empties_an_old_patch(run_cli: Run, pipeline: Any, solver: Path) -> None:
    run_cli("optimize", solver)
    pipeline.optimization = replace(pipeline.optimization, nests=pipeline.optimization.nests[1:], patch="")
    result = run_cli("optimize", solver, "--in-place")
    assert result.code == 1
    assert Path("loopwright-out/solver.patch").read_bytes() == b""
    assert not solver.with_name("solver.c.orig").exists()


def test_in_place_applies_the_patch_and_keeps_a_backup(run_cli: Run, pipeline: Any, solver: Path) -> None:
    before = solver.read_text()
    result = run_cli("optimize", solver, "--in-place")
    assert result.code == 0
    assert solver.read_text() == "void sweep(void) {\n#pragma omp parallel for\n}\n"
    assert solver.with_name("solver.c.orig").read_text() == before
    assert "solver.c.orig" in result.out


def test_in_place_refuses_a_file_that_the_patch_does_not_fit(run_cli: Run, pipeline: Any, solver: Path) -> None:
    solver.write_text("edited meanwhile\n")
    result = run_cli("optimize", solver, "--in-place")
    assert result.code == 2
    assert "LW908" in result.error
    assert solver.read_text() == "edited meanwhile\n"
    assert not solver.with_name("solver.c.orig").exists()


def test_patch_keeps_bytes_that_are_not_utf8(run_cli: Run, pipeline: Any, solver: Path) -> None:
    solver.write_bytes(b"/* caf\xe9 */\n")
    patch = "--- a/solver.c\n+++ b/solver.c\n@@ -1 +1,2 @@\n /* caf\udce9 */\n+int x;\n"
    pipeline.optimization = replace(pipeline.optimization, patch=patch)
    assert run_cli("optimize", solver, "--in-place", "--format", "json").code == 0
    assert solver.read_bytes() == b"/* caf\xe9 */\nint x;\n"
    assert b"caf\xe9" in Path("loopwright-out/solver.patch").read_bytes()
    assert json.loads(Path("loopwright-out/solver.report.json").read_text())["patch"] == patch


def test_verify_exit_code_is_the_answer(run_cli: Run, pipeline: Any, solver: Path) -> None:
    result = run_cli("verify", solver, solver, "--format", "json")
    assert result.code == 1
    assert json.loads(result.out)["accepted"] is False
    pipeline.verification = replace(pipeline.verification, verdicts=pipeline.verification.verdicts[:1])
    result = run_cli("verify", solver, solver)
    assert result.code == 0
    assert "accepted" in result.out


def test_verify_with_one_file_looks_for_races(run_cli: Run, pipeline: Any, solver: Path) -> None:
    result = run_cli("verify", solver, "--format", "json")
    assert result.code == 1
    assert json.loads(result.out)["verdict"] == "race"
    assert pipeline.calls[-1]["run"] is True
    pipeline.audited = replace(pipeline.audited, verdict=RaceVerdict.FREE)
    assert run_cli("verify", solver, "--static").code == 0
    assert pipeline.calls[-1]["run"] is False
    pipeline.audited = replace(pipeline.audited, verdict=RaceVerdict.UNKNOWN)
    assert run_cli("verify", solver).code == 1


@pytest.mark.parametrize(
    ("words", "paths", "flags"),
    [
        (["--", "-Iinc"], 1, ("-Iinc",)),
        (["--format", "json", "--", "-Iinc", "helpers.c"], 1, ("-Iinc", "helpers.c")),
        (["other.c", "--", "-Iinc"], 2, ("-Iinc",)),
        (["other.c"], 2, ()),
        ([], 1, ()),
    ],
)
def test_what_stands_behind_the_dashes_is_no_second_file(
    run_cli: Run, pipeline: Any, solver: Path, words: list[str], paths: int, flags: tuple[str, ...]
) -> None:
    run_cli("verify", solver, *words)
    assert len(pipeline.calls[-1]["paths"]) == paths
    assert pipeline.calls[-1]["flags"] == flags


def test_doctor_without_compiler_says_what_to_install(run_cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("doctor", "host"):
        monkeypatch.setattr(f"loopwright.toolchain.{module}.find_compilers", lambda _settings: ())
    result = run_cli("doctor", "--format", "json")
    assert result.code == 1
    document = json.loads(result.out)
    assert document["works"] is False
    checks = {item["name"]: item for item in document["checks"]}
    assert checks["gcc"]["severity"] == "error"
    assert "apt-get install gcc" in checks["gcc"]["remedy"]
    assert checks["isl"]["ok"] is True
    assert all(item["remedy"] for item in document["checks"] if not item["ok"])
    assert document["host"]["compilers"] == []


def test_models_list_names_the_back_ends(run_cli: Run) -> None:
    result = run_cli("models", "list", "--format", "json", "--model-url", "http://127.0.0.1:1/v1")
    models = {item["name"]: item for item in json.loads(result.out)["models"]}
    assert models["none"]["ready"] is True
    assert models["qwen2.5:1.5b"]["ready"] is False
    assert "embedded" in models


def test_models_try_shows_the_reply(run_cli: Run, tmp_path: Path) -> None:
    replies = tmp_path / "replies.json"
    replies.write_text('{"replies": ["It may not."]}')
    result = run_cli("models", "try", f"scripted:{replies}", "May it?")
    assert result.code == 0
    assert "It may not." in result.out


def test_models_fetch_of_a_model_without_weights(run_cli: Run) -> None:
    result = run_cli("models", "fetch", "none")
    assert result.code == 2
    assert "LW911: none has no weights to fetch" in result.error
