"""Applies a unified diff that loopwright made, exactly or not at all."""

from __future__ import annotations

import re

from loopwright.core.codes import Code
from loopwright.errors import ToolchainError

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")
_NO_NEWLINE = b"\\"


def apply_patch(before: bytes, patch: bytes) -> bytes:
    r"""Return ``before`` with the one-file unified diff ``patch`` applied.

    There is no fuzz: each line that the patch keeps or removes must stand where the patch says.

    Raises:
        ToolchainError: It does not fit.

    >>> apply_patch(b"a\nb\n", b"--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    b'a\nc\n'
    """
    old = _lines(before)
    new: list[bytes] = []
    position = 0
    body = iter(_lines(patch))
    line = next(body, None)
    while line is not None:
        header = _HUNK.match(line)
        if header is None:
            line = next(body, None)
            continue
        length = int(header[2]) if header[2] is not None else 1
        # A hunk that removes nothing names the line before it.
        start = int(header[1]) - (1 if length else 0)
        if not position <= start <= len(old):
            raise _misfit(start)
        new += old[position:start]
        position = start
        line = next(body, None)
        while line is not None and line[:1] in (b" ", b"-", b"+", _NO_NEWLINE):
            mark, text = line[:1], line[1:]
            line = next(body, None)
            if line is not None and line[:1] == _NO_NEWLINE:
                text = text.removesuffix(b"\n")
            if mark in (b" ", b"-"):
                if position >= len(old) or old[position] != text:
                    raise _misfit(position)
                position += 1
            if mark in (b" ", b"+"):
                new.append(text)
    return b"".join(new + old[position:])


def _lines(content: bytes) -> list[bytes]:
    # Not splitlines: a form feed or a lone carriage return ends no line in C.
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _misfit(position: int) -> ToolchainError:
    return ToolchainError(Code.CANNOT_WRITE, f"the patch does not fit the file at line {position + 1}", "run again")
