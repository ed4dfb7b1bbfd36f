"""What the fault tests and the soak share: a run that is stopped at a stage, and what a run has left behind."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

SCRIPT = Path(sys.executable).with_name("loopwright")
PATIENT_S = 120.0

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
RECURRENCE = """\
void recur(int n, double *a) {
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] * 0.5 + 1.0;
}
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a run whose temporary files and cache lie in ``folder``."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(temporary), "LOOPWRIGHT_CACHE": str(folder / "cache"), **more}


def loopwright(
    *arguments: str | Path, cwd: Path, timeout_s: float = PATIENT_S, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; its processes can be told by ``cwd``."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)],
        cwd=cwd,
        env=environment(cwd, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def stopped_at(stage: str, number: signal.Signals, *arguments: str | Path, cwd: Path, delay_s: float = 0.0) -> str:
    """Start the command, send it ``number`` when it says ``stage``, and return what it said on standard error.

    Raises:
        AssertionError: It never came to the stage, or did not end in time.
    """
    said: list[str] = []
    reached = threading.Event()
    with subprocess.Popen(
        [SCRIPT, *map(str, arguments)],
        cwd=cwd,
        env=environment(cwd),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        stderr = process.stderr

        def listen() -> None:
            for line in stderr:
                said.append(line)
                if stage in line:
                    reached.set()
            reached.set()

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            assert reached.wait(PATIENT_S), f"never came to {stage!r}"
            time.sleep(delay_s)
            process.send_signal(number)
            process.wait(PATIENT_S)
        finally:
            process.kill()
            listener.join(PATIENT_S)
    text = "".join(said)
    assert stage in text, f"never came to {stage!r}: {text}"
    return text


def left_behind(folder: Path, wait_s: float = 10.0) -> list[str]:
    """Return the command lines of live processes that work in ``folder``; waits a moment for those that are dying."""
    end = time.monotonic() + wait_s
    while (found := _at_work(str(folder))) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _at_work(folder: str) -> list[str]:
    found: list[str] = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values(), process.cwd()]
            if any(folder in word for word in words) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except (psutil.Error, OSError):
            continue
    return found


def damaged(cache: Path) -> list[Path]:
    """Return the files of the cache that are not whole."""
    checks = {".o": _is_whole_object, ".so": _is_whole_object, ".json": _is_json}
    files = [path for path in cache.rglob("*") if path.suffix in checks and path.is_file()]
    return [path for path in files if not checks[path.suffix](path.read_bytes())]


def _is_whole_object(content: bytes) -> bool:
    # The table of sections comes last: its place, and at the end of the header the size and number of its entries.
    if content[:4] != b"\x7fELF" or len(content) < 64:
        return False
    [offset], [size, number] = struct.unpack_from("<Q", content, 40), struct.unpack_from("<HH", content, 58)
    return 0 < offset <= len(content) - size * number


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True
