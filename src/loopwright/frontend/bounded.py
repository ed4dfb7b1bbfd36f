"""Calls of the parser library, which has no limits of its own and hears no Ctrl-C, made so that they have both.

The library reads whatever an ``#include`` names; a pipe that nobody writes to or ``/dev/zero`` has no end.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.toolchain.process_tree import resident_bytes

PARSE_S = 120.0
PARSE_BYTES = 2 << 30
_LOOK_S = 0.2

T = TypeVar("T")


class _Call(threading.Thread, Generic[T]):
    """A call in a thread of its own, and what came of it."""

    def __init__(self, call: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.outcome: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Make the call."""
        try:
            self.outcome.append(self._call())
        # It is the caller's, whatever it is.
        except BaseException as error:
            self.error = error


def bounded(call: Callable[[], T], path: str) -> T:
    """Return what ``call`` returns, or raise what it raises, unless it takes too long or too much.

    It cannot be stopped then: its thread goes on, and ends with the process at the latest.

    Args:
        call: Parses ``path``.
        path: Named in the error.

    Raises:
        UserError: It took longer than ``PARSE_S``, or this process grew by more than ``PARSE_BYTES`` meanwhile.
    """
    before = resident_bytes(os.getpid())
    end = time.monotonic() + PARSE_S
    thread = _Call(call)
    thread.start()
    thread.join(_LOOK_S)
    while thread.is_alive():
        if time.monotonic() > end:
            raise _refusal(f"{path} is still being read after {PARSE_S:g} s")
        if resident_bytes(os.getpid()) - before > PARSE_BYTES:
            raise _refusal(f"{path} takes more than {PARSE_BYTES >> 20} MiB to read")
        thread.join(_LOOK_S)
    if thread.error is not None:
        raise thread.error
    return thread.outcome[0]


def _refusal(reason: str) -> UserError:
    return UserError(Code.ANALYSIS_LIMIT, reason, "look at what it includes: a pipe or a device has no end")
