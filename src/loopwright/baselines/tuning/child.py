"""Runs one candidate of a search in a copy of the process, so that one that hangs or crashes takes nobody along."""

from __future__ import annotations

import os
import select
import signal
import struct
from collections.abc import Callable

_MOST_BYTES = 1 << 12


def times_in_child(measure: Callable[[], list[float]], limit_s: float) -> list[float]:
    """Return what ``measure`` returns, run in a fork of this process.

    A fork has what was compiled into this process's memory, which a new process would have to load from files. It
    belongs to the process group of this one, so whoever ends the group ends it too. The threads of this process are not
    in the fork: nothing that ``measure`` runs may have been used here before, such as a pool of threads.

    Args:
        measure: Returns some seconds; not more than a few hundred.
        limit_s: Wall time.

    Raises:
        TimeoutError: It took longer.
        RuntimeError: It raised, crashed, or left.
    """
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            times = measure()
            os.write(send, struct.pack(f"{len(times)}d", *times))
        finally:
            # No way back into the caller's frames, whatever was raised: the parent goes on there.
            os._exit(0)
    os.close(send)
    try:
        is_ready = bool(select.select([receive], [], [], limit_s)[0])
        content = os.read(receive, _MOST_BYTES) if is_ready else b""
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(receive)
    if not is_ready:
        raise TimeoutError(f"the candidate took longer than {limit_s:.1f} s")
    if not content:
        raise RuntimeError("the candidate failed")
    return list(struct.unpack(f"{len(content) // 8}d", content))
