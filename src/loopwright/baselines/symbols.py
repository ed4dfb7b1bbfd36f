"""Says whether a linked binary can start threads at all, by the symbols that it asks of others.

A compiler that was told to parallelize and could not says nothing; its binary then has no call into an OpenMP library,
even where that library is linked. The harness's own half has none either, so what is found is the method's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERIAL_UNDER_A_PARALLEL_NAME = "serial under a parallel name: no OpenMP call in the binary"

# What opens a team. Work-sharing calls (GOMP_loop_*) alone run in a team of one, and are no evidence.
_OPENERS = ("GOMP_parallel", "GOMP_teams", "__kmpc_fork_")
_CREATORS = frozenset({"pthread_create", "thrd_create"})
_SYMTAB, _DYNSYM = 2, 11


@dataclass(frozen=True, slots=True)
class _Section:
    kind: int
    offset: int
    size: int
    link: int
    entry_size: int


def threads_in(binary: Path) -> tuple[str, ...] | None:
    """Return the names by which ``binary`` can start threads (``GOMP_parallel``), sorted; empty if it cannot.

    They count whether they are imported or linked in. None if the file is not a 64-bit ELF file: nothing is known then.
    """
    content = binary.read_bytes()
    try:
        names = frozenset(_symbols(content))
    except (struct.error, IndexError, ValueError):
        return None
    return tuple(sorted(name for name in names if name in _CREATORS or name.startswith(_OPENERS)))


def _symbols(content: bytes) -> Iterator[str]:
    """Yield the names of both symbol tables; raises ValueError, IndexError or struct.error for another kind of file."""
    if content[:5] != b"\x7fELF\x02":
        raise ValueError("not a 64-bit ELF file")
    order = "<" if content[5] == 1 else ">"
    sections = tuple(_sections(content, order))
    for section in sections:
        if section.kind not in (_SYMTAB, _DYNSYM) or not section.entry_size:
            continue
        names = sections[section.link].offset
        for at in range(section.offset, section.offset + section.size, section.entry_size):
            start = names + struct.unpack_from(f"{order}I", content, at)[0]
            # Symbols of a library may carry a version: GOMP_parallel@GOMP_4.0.
            yield content[start : content.index(b"\0", start)].decode("ascii", "replace").partition("@")[0]


def _sections(content: bytes, order: str) -> Iterator[_Section]:
    # Elf64_Ehdr: e_shoff at 40, e_shentsize and e_shnum at 58. Elf64_Shdr: name, type, flags, addr, offset, size, link,
    # info, addralign, entsize.
    (first,) = struct.unpack_from(f"{order}Q", content, 40)
    size, count = struct.unpack_from(f"{order}HH", content, 58)
    for number in range(count):
        _, kind, _, _, offset, length, link, _, _, entry = struct.unpack_from(
            f"{order}IIQQQQIIQQ", content, first + number * size
        )
        yield _Section(kind, offset, length, link, entry)
