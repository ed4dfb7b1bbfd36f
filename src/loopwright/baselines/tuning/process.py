"""Starts the process of a tuner, and links what it leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from loopwright.baselines.foreign.interpreter import package_root, python_folders
from loopwright.baselines.foreign.prepare import GUEST_BYTES, guest_environment
from loopwright.baselines.tuning.task import OBJECT, PROGRAM, Task
from loopwright.config import Settings
from loopwright.toolchain.compiler import BuildFailed, build, require_compilers
from loopwright.toolchain.process import Sandbox, run

_TASK = "task.json"


def run_tuner(module: str, words: Sequence[str], task: Task, timeout_s: float) -> str | None:
    """Run ``module`` on ``task``; return None, or how it failed with the last line that it said."""
    folder = Path(task.folder)
    (folder / _TASK).write_text(task.to_json(), encoding="utf-8")
    completed = run(
        (sys.executable, "-m", module, *words, folder / _TASK),
        cwd=folder,
        timeout_s=timeout_s,
        memory_bytes=2 * GUEST_BYTES,
        environment={
            "PYTHONPATH": str(package_root()),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Of the tuner's own model; programs have pools of their own.
            "OMP_NUM_THREADS": str(task.threads),
            "OMP_WAIT_POLICY": "passive",
            **dict(guest_environment(task.threads)),
        },
        sandbox=Sandbox(readable=(*python_folders(), Path(task.library).parent), writable=(folder,)),
    )
    if completed.ok:
        return None
    lines = [line for line in completed.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return f"{completed.describe()}: {lines[-1].strip()[:300]}" if lines else completed.describe()


def link_object(folder: Path, settings: Settings) -> str | None:
    """Make a shared library of the object in ``folder``; return None, or what the compiler said."""
    empty = folder / "empty.c"
    empty.write_text("")
    flags = ("-shared", "-fPIC", str(folder / OBJECT), "-lpthread", "-ldl")
    made = build(
        require_compilers(settings)[0],
        empty,
        folder / PROGRAM,
        flags,
        language="c",
        cwd=folder,
        limits=settings.limits,
    )
    return made.output.partition(os.linesep)[0] if isinstance(made, BuildFailed) else None
