"""The file's bytes: lines of offsets, and the little scanning that the syntax tree has no answer for."""

from __future__ import annotations

import bisect
import re
from functools import cached_property

from loopwright.core.source import Span

_SKIPPED = re.compile(
    rb"""(?:\s+|\\\r?\n|//(?:[^\n\\]|\\.|\\\r?\n)*|/\*.*?\*/)+""",
    re.DOTALL,
)
_TOKEN = re.compile(
    rb"""(?P<skip>\s+|//(?:[^\n\\]|\\.|\\\r?\n)*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<semicolon>;)|(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(rb"[A-Za-z_0-9]*")


class Text:
    """The bytes of one file."""

    def __init__(self, path: str, content: bytes) -> None:
        self.path = path
        self.content = content

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(rb"\n", self.content))]

    def line(self, offset: int) -> int:
        """Return the line of ``offset``, from 1."""
        return bisect.bisect_right(self._line_starts, offset)

    def span(self, start: int, end: int) -> Span:
        """Return the span of the bytes from ``start`` to ``end``."""
        line = self.line(start)
        return Span(self.path, start, end, line, start - self._line_starts[line - 1] + 1, self.line(end))

    def first_line(self, start: int, end: int) -> Span:
        """Return the span from ``start`` to the end of its line, or to ``end`` if that comes first."""
        stop = self.content.find(b"\n", start)
        stop = len(self.content) if stop < 0 else stop
        if self.content[start:stop].endswith(b"\r"):
            stop -= 1
        return self.span(start, max(start, min(end, stop)))

    def slice(self, start: int, end: int) -> str:
        """Return the text from ``start`` to ``end``."""
        return self.content[start:end].decode("utf-8", "surrogateescape")

    def word_at(self, offset: int) -> str:
        """Return the identifier or keyword that starts at ``offset``, or ``""``."""
        found = _WORD.match(self.content, offset)
        return found.group().decode() if found else ""

    def skip(self, offset: int) -> int:
        """Return the offset of the next byte that is neither white space nor comment."""
        found = _SKIPPED.match(self.content, offset)
        return found.end() if found else offset

    def behind_semicolon(self, offset: int) -> int:
        """Return the offset behind the semicolon that follows ``offset``; ``offset`` itself if none does."""
        after = self.skip(offset)
        return after + 1 if self.content[after : after + 1] == b";" else offset

    def parenthesis(self, offset: int) -> tuple[int, list[int]] | None:
        """Find the parenthesis that opens at or behind ``offset``.

        Returns:
            The offset behind its closing partner and the offsets of the semicolons directly in it; None if
            something else comes first or it is never closed.
        """
        position = self.skip(offset)
        if self.content[position : position + 1] != b"(":
            return None
        depth, semicolons = 0, list[int]()
        while position < len(self.content):
            token = _TOKEN.match(self.content, position)
            if token is None:
                return None
            if token.lastgroup == "open":
                depth += 1
            elif token.lastgroup == "close":
                depth -= 1
                if depth == 0:
                    return token.end(), semicolons
            elif token.lastgroup == "semicolon" and depth == 1:
                semicolons.append(position)
            position = token.end()
        return None

    def pragma_before(self, offset: int) -> str:
        """Return the text of the ``#pragma omp`` or ``#pragma acc`` lines directly above ``offset``, or ``""``."""
        found: list[str] = []
        end = self._line_starts[self.line(offset) - 1]
        if self.content[end:offset].strip():
            return ""
        while end:
            start = self._line_starts[self.line(end - 1) - 1]
            while start and self.content[max(start - 3, 0) : start].rstrip(b"\r\n").endswith(b"\\"):
                start = self._line_starts[self.line(start - 1) - 1]
            line = self.content[start:end].strip()
            words = line.replace(b'_Pragma("', b"#pragma ").lstrip(b"#").split()
            is_pragma = line.startswith((b"#", b"_Pragma")) and words[:1] == [b"pragma"]
            if is_pragma and words[1:2] in ([b"omp"], [b"acc"]):
                found.append(line.decode("utf-8", "replace"))
            elif line and not is_pragma and not line.startswith(b"//"):
                break
            end = start
        return " ".join(found)
