"""Finds and kills every process that a run left behind, including those that left its process group."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import psutil

from loopwright.toolchain.process_tree import is_alive, lists_children, process_tree

_ROUNDS = 50


def kill_run(leader: int | None, variable: str, marker: str) -> None:
    """Kill the group of ``leader``, its descendants, and every process with ``variable=marker`` in its environment.

    Args:
        leader: Process group leader, not reaped yet, so that its number cannot have been given to another process;
            None if the start failed.
        variable: Name of the environment variable that marks the run.
        marker: Its value, unique to this run.
    """
    for _ in range(_ROUNDS):
        # Descendants first: killing the leader would orphan them and cut the thread that leads to them.
        victims = {*_descendants(leader), *_marked(f"{variable}={marker}".encode())} - {os.getpid()}
        if leader is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, signal.SIGKILL)
        for pid in victims:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not victims:
            return
        time.sleep(0.002)


def _descendants(leader: int | None) -> set[int]:
    if leader is None:
        return set()
    if lists_children():
        return {pid for pid in process_tree(leader).pids[1:] if is_alive(pid)}
    try:
        children = psutil.Process(leader).children(recursive=True)
        return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}
    except psutil.Error:
        return set()


def _marked(entry: bytes) -> set[int]:
    """Return the live processes of this user that carry ``entry``; a zombie has no environment any more."""
    uid = os.getuid()
    found: set[int] = set()
    with os.scandir("/proc") as folder:
        names = [item.name for item in folder if item.name.isdigit()]
    for name in names:
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid not in (uid, 0, 65534):
                continue
            with open(f"/proc/{name}/environ", "rb") as file:
                if entry in file.read():
                    found.add(int(name))
    return found
