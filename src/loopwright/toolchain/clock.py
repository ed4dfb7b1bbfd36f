"""One machine, one clock: who times something has the machine alone, who computes shares it.

Processes of one user agree through a lock on a file in the cache (flock(2)): it is let go when a process ends, however
it ends, so it is never stale. Where the file cannot be made, or the wait is too long, they go on without.

A second file is the turnstile before it: who waits for the lock holds it, so that one who wants to time waits for those
who compute now, and not for all who come after them.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAUSE_S = 0.05
_LONGEST_WAIT_S = 600.0
_SILENT_S = 1.0


@contextmanager
def timing(cache: Path, say: Callable[[str], None]) -> Generator[None]:
    """Wait until nobody times or computes, and keep them from it meanwhile.

    Args:
        cache: The user's cache folder.
        say: Told if the wait is long.
    """
    with _locked(cache, fcntl.LOCK_EX, say, "waiting for another run on this machine, to time undisturbed"):
        yield


@contextmanager
def computing(cache: Path, say: Callable[[str], None]) -> Generator[None]:
    """Wait until nobody times, and keep them from it meanwhile; others may compute."""
    with _locked(cache, fcntl.LOCK_SH, say, "waiting for another run on this machine that is timing"):
        yield


@contextmanager
def _locked(cache: Path, kind: int, say: Callable[[str], None], message: str) -> Generator[None]:
    wait = _Wait(say, message)
    with _opened(cache / "clock.lock") as lock:
        with _opened(cache / "clock.turn") as turn:
            wait.lock(turn, fcntl.LOCK_EX)
            wait.lock(lock, kind)
        yield


@contextmanager
def _opened(path: Path) -> Generator[int]:
    """Yield a descriptor; -1 if the file cannot be made. Closing it lets its lock go."""
    descriptor = -1
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        if descriptor >= 0:
            os.close(descriptor)


class _Wait:
    """A wait for both files together, which is said once if it is long."""

    def __init__(self, say: Callable[[str], None], message: str) -> None:
        self._start = time.monotonic()
        self._say = say
        self._message = message

    def lock(self, descriptor: int, kind: int) -> None:
        """Lock the file, unless it cannot be had, or the time is up."""
        while descriptor >= 0 and time.monotonic() - self._start < _LONGEST_WAIT_S:
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if self._message and time.monotonic() - self._start > _SILENT_S:
                    self._say(self._message)
                    self._message = ""
                time.sleep(_PAUSE_S)
            except OSError:
                return  # a file system without locks
