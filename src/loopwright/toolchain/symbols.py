"""The symbols of linked and unlinked ELF files: what they define, and what they ask of others."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SYMTAB, _DYNSYM = 2, 11
_LOCAL, _FUNCTION = 0, 2


@dataclass(frozen=True, slots=True)
class Symbol:
    """One entry of a symbol table.

    Attributes:
        name: Without a version.
        is_defined: It has a place in this file; else another has to give it.
        is_function: It is known to be code, which is said of defined ones only.
        is_local: Other files do not see it.
        is_dynamic: It is in the table that the dynamic linker reads.
    """

    name: str
    is_defined: bool
    is_function: bool
    is_local: bool
    is_dynamic: bool


@dataclass(frozen=True, slots=True)
class _Section:
    kind: int
    offset: int
    size: int
    link: int
    entry_size: int


def symbols_of(file: Path) -> tuple[Symbol, ...] | None:
    """Return the symbols of both tables of ``file``; None if it is not a 64-bit ELF file: nothing is known then."""
    try:
        return tuple(_symbols(file.read_bytes()))
    except (struct.error, IndexError, ValueError):
        return None


def _symbols(content: bytes) -> Iterator[Symbol]:
    """Yield the entries of both tables; raises ValueError, IndexError or struct.error for another kind of file."""
    if content[:5] != b"\x7fELF\x02":
        raise ValueError("not a 64-bit ELF file")
    order = "<" if content[5] == 1 else ">"
    sections = tuple(_sections(content, order))
    for section in sections:
        if section.kind not in (_SYMTAB, _DYNSYM) or not section.entry_size:
            continue
        names = sections[section.link].offset
        for at in range(section.offset, section.offset + section.size, section.entry_size):
            # Elf64_Sym: name, info (binding and type, four bits each), other, section index (0: not here), value, size.
            place, info, _, index = struct.unpack_from(f"{order}IBBH", content, at)
            start = names + place
            # Symbols of a library may carry a version: GOMP_parallel@GOMP_4.0.
            name = content[start : content.index(b"\0", start)].decode("ascii", "replace").partition("@")[0]
            yield Symbol(name, index != 0, info & 15 == _FUNCTION, info >> 4 == _LOCAL, section.kind == _DYNSYM)


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
