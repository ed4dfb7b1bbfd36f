"""Says whether a linked binary can start threads at all, by the symbols that it asks of others.

A compiler that was told to parallelize and could not says nothing; its binary then has no call into an OpenMP library,
even where that library is linked. The harness's own half has none either, so what is found is the method's.
"""

from __future__ import annotations

from pathlib import Path

from loopwright.toolchain.symbols import symbols_of

SERIAL_UNDER_A_PARALLEL_NAME = "serial under a parallel name: no OpenMP call in the binary"

# What opens a team. Work-sharing calls (GOMP_loop_*) alone run in a team of one, and are no evidence.
_OPENERS = ("GOMP_parallel", "GOMP_teams", "__kmpc_fork_")
_CREATORS = frozenset({"pthread_create", "thrd_create"})


def threads_in(binary: Path) -> tuple[str, ...] | None:
    """Return the names by which ``binary`` can start threads (``GOMP_parallel``), sorted; empty if it cannot.

    They count whether they are imported or linked in. None if the file is not a 64-bit ELF file: nothing is known then.
    """
    symbols = symbols_of(binary)
    if symbols is None:
        return None
    names = {symbol.name for symbol in symbols}
    return tuple(sorted(name for name in names if name in _CREATORS or name.startswith(_OPENERS)))
