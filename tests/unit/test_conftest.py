"""The ``needs`` marker and ``--update-golden``: that a test which cannot run never vanishes unnoticed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

CASES = """\
import conftest
import pytest

conftest.TOOLS["gcc"] = conftest.TOOLS["archer"] = lambda: False
conftest.TOOLS["git"] = lambda: True

@pytest.mark.needs("git", "gcc")
def test_compiler(): assert False

@pytest.mark.needs("archer")
def test_archer(): assert False

@pytest.mark.needs("git")
def test_git(): pass
"""


INTERRUPTED = """\
import signal, subprocess, sys, time

def test_interrupt():
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    child = subprocess.Popen(["sleep", "600"])
    child.send_signal(signal.SIGINT)
    try:
        assert child.wait(10) == -signal.SIGINT
    finally:
        child.kill()
"""
IGNORING_INTERRUPTS = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")


def run(folder: Path, *arguments: str, ci: bool, cases: str = CASES, before: tuple[str, ...] = ()) -> str:
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\nmarkers = needs(tool): x\n")
    (folder / "test_cases.py").write_text(cases)
    environment = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    environment["PYTHONPATH"] = str(TESTS)
    if ci:
        environment["CI"] = "true"
    completed = subprocess.run(
        [
            *before,
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "conftest",
            "-p",
            "no:cacheprovider",
            "-rs",
            *arguments,
            "test_cases.py",
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return completed.stdout + completed.stderr


def test_a_skip_names_what_is_missing(tmp_path: Path) -> None:
    text = run(tmp_path, ci=False)
    assert "1 passed, 2 skipped" in text
    assert "needs gcc, which is not installed here" in text
    assert "needs archer, which is not installed here" in text


def test_in_ci_a_missing_compiler_is_a_failure(tmp_path: Path) -> None:
    text = run(tmp_path, ci=True)
    assert "1 passed, 1 skipped, 1 error" in text or "1 failed, 1 passed, 1 skipped" in text
    assert "gcc is missing, and CI must have it" in text


@pytest.mark.parametrize("marker", ['needs("gc")', "needs()"])
def test_a_marker_that_names_no_known_tool_stops_the_run(tmp_path: Path, marker: str) -> None:
    text = run(tmp_path, ci=False, cases=f"import pytest\n@pytest.mark.{marker}\ndef test_x(): pass\n")
    assert "known: gcc, g++, clang" in text
    assert "passed" not in text


def test_golden_files_are_not_written_in_ci(tmp_path: Path) -> None:
    assert "--update-golden is refused in CI" in run(tmp_path, "--update-golden", ci=True)
    assert "1 passed" in run(tmp_path, "--update-golden", ci=False)


def test_what_a_test_starts_can_be_interrupted_where_the_shell_ignores_it(tmp_path: Path) -> None:
    assert "1 passed" in run(tmp_path, ci=False, cases=INTERRUPTED, before=IGNORING_INTERRUPTS)
