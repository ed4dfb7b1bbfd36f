"""Runs pytest in a process forked from one that has the libraries loaded: most of a short run is loading them.

No module of loopwright is loaded beforehand, so that each run takes the source that it is given.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

LOADED = (
    "pytest",
    "hypothesis",
    "hypothesis.strategies",
    "islpy",
    "numpy",
    "clang.cindex",
    "pydantic",
    "typer",
    "rich",
)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run of pytest ended: its exit status, None if it was killed at the limit, and its output."""

    status: int | None
    output: str


def run_tests(
    arguments: Sequence[str], root: Path, source: Path, scratch: Path, cache: Path, limit_s: float
) -> Finished:
    """Run pytest in ``root`` on the package below ``source``.

    Args:
        arguments: pytest's.
        root: Where the tests are.
        source: The folder that holds the package.
        scratch: For the output and temporary files.
        cache: What is kept between runs.
        limit_s: Wall time after which the run and all that it started are killed.
    """
    temporary = scratch / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {
        "PYTHONPATH": str(source),
        "XDG_CACHE_HOME": str(cache),
        "TMPDIR": str(temporary),
        # Plug-ins that are loaded already cannot be marked for rewriting, which pytest would warn of.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = ["-q", "--tb=no", "-p", "no:cacheprovider", *arguments]
    log = scratch / "output"
    process = _server().Process(target=_run, args=(command, str(root), environment, str(log)))
    process.start()
    process.join(limit_s)
    status = process.exitcode
    if status is None:
        _end(process.pid or 0)
        process.join()
    process.close()
    return Finished(status, log.read_text(encoding="utf-8", errors="replace") if log.exists() else "")


def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LOADED])
    return context


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(group, signal.SIGKILL)  # it has not come to make a group of its own


def _run(arguments: list[str], root: str, environment: dict[str, str], log: str) -> None:
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(output, number)
    os.chdir(root)
    os.environ.update(environment)
    tempfile.tempdir = None
    source = environment["PYTHONPATH"]
    sys.path[:] = [source, *(each for each in sys.path if each != source)]
    assert "loopwright" not in sys.modules, "the source was loaded before it was chosen"
    import pytest

    status = int(pytest.main(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
