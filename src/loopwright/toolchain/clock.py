"""One machine, one clock: who times something has the machine alone, who computes shares it.

Processes of one user agree through a lock on a file in the cache (flock(2)): it is let go when a process ends, however
it ends, so it is never stale. Where the file cannot be made, or the wait is too long, they go on without.
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
    descriptor = -1
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(cache / "clock.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if descriptor >= 0:
            _wait(descriptor, kind, say, message)
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _wait(descriptor: int, kind: int, say: Callable[[str], None], message: str) -> None:
    start = time.monotonic()
    is_told = False
    while time.monotonic() - start < _LONGEST_WAIT_S:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not is_told and time.monotonic() - start > _SILENT_S:
                say(message)
                is_told = True
            time.sleep(_PAUSE_S)
        except OSError:
            return  # a file system without locks
