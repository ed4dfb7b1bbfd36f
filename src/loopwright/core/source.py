"""C and C++ text and positions in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

_CXX_SUFFIXES = frozenset({".cc", ".cpp", ".cxx", ".c++", ".C", ".hpp", ".hh", ".hxx"})


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of bytes in one file.

    Attributes:
        path: The file.
        start: Offset of the first byte, from 0.
        end: Offset behind the last byte.
        line: Line of the first byte, from 1.
        column: Column of the first byte in bytes, from 1.
        end_line: Line of the byte at ``end``.
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int

    def contains(self, other: Span) -> bool:
        """Return True if ``other`` lies inside this span of the same file."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Source:
    """One translation unit: the main file's bytes and the flags that compile it.

    Attributes:
        path: Absolute path of the file.
        content: Its bytes; spans count in them.
        flags: The user's compiler flags (``-I``, ``-D``, ``-std`` ...), without input and output names.
    """

    path: str
    content: bytes
    flags: tuple[str, ...] = ()

    @property
    def language(self) -> Literal["c", "c++"]:
        """Return the language that the suffix, or an explicit ``-x``, names."""
        for index, flag in enumerate(self.flags):
            named = flag[2:] if flag.startswith("-x") and flag != "-x" else ""
            if flag == "-x" and index + 1 < len(self.flags):
                named = self.flags[index + 1]
            if named:
                return "c++" if named.startswith("c++") else "c"
        return "c++" if PurePath(self.path).suffix in _CXX_SUFFIXES else "c"

    def text(self, span: Span) -> str:
        """Return the text of ``span``, undecodable bytes kept as surrogates."""
        return self.content[span.start : span.end].decode("utf-8", "surrogateescape")
