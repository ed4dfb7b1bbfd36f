"""What a process and its descendants use at this moment, read from /proc; cheap enough to ask while the clock runs."""

from __future__ import annotations

import contextlib
import functools
import os
from dataclasses import dataclass
from pathlib import Path

# A fork bomb grows while it is walked.
_MOST_PROCESSES = 20_000


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """A process with its descendants: their numbers, root first, and how many processes and threads they are."""

    pids: tuple[int, ...]
    tasks: int


def process_tree(root: int) -> ProcessTree:
    """Return ``root`` and its descendants; what ends meanwhile may be missing.

    A kernel without lists of children (CONFIG_PROC_CHILDREN) tells of ``root`` alone.
    """
    pids: list[int] = []
    waiting = [root]
    tasks = 0
    while waiting and len(pids) < _MOST_PROCESSES:
        pid = waiting.pop()
        pids.append(pid)
        with contextlib.suppress(OSError):
            names = os.listdir(f"/proc/{pid}/task")
            tasks += len(names)
            for name in names:
                with contextlib.suppress(OSError):
                    waiting += map(int, Path(f"/proc/{pid}/task/{name}/children").read_text().split())
    return ProcessTree(tuple(pids), tasks)


@functools.cache
def lists_children() -> bool:
    """Return True if this kernel lists the children of a process, without which ``process_tree`` knows none."""
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def is_alive(pid: int) -> bool:
    """Return False if ``pid`` is gone, or has ended and is not reaped yet."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    # The name of the program comes before the state, in brackets, and may hold anything.
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")


def resident_peak_bytes(pid: int) -> int:
    """Return the largest resident memory that ``pid`` has had since its last exec; 0 if it is gone."""
    return _status_bytes(pid, "VmHWM:")


def resident_bytes(pid: int) -> int:
    """Return the resident memory of ``pid``; 0 if it is gone."""
    return _status_bytes(pid, "VmRSS:")


def _status_bytes(pid: int, key: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0
