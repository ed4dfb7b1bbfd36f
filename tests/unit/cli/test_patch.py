from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopwright.cli.patch import apply_patch
from loopwright.errors import ToolchainError

# Text as it comes in C files: odd line ends, form feeds, bytes that are not UTF-8, lines that look like a patch.
LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"\r", b"\x0c", b"\xff", b"- x", b"-- y", b"+++ z", b"@@ -1 +1 @@"]))


def split(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def diff(before: bytes, after: bytes) -> bytes:
    lines = difflib.diff_bytes(difflib.unified_diff, split(before), split(after), b"a/f", b"b/f", n=3)
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


@given(LINES, LINES, st.booleans(), st.booleans())
def test_applying_a_diff_gives_the_new_text(old: list[bytes], new: list[bytes], end_old: bool, end_new: bool) -> None:
    before = b"\n".join(old) + (b"\n" if end_old else b"")
    after = b"\n".join(new) + (b"\n" if end_new else b"")
    assert apply_patch(before, diff(before, after)) == after


def test_a_patch_that_does_not_fit_is_refused() -> None:
    patch = diff(b"a\nb\nc\n", b"a\nx\nc\n")
    for other in (b"a\ny\nc\n", b"a\n", b"", b"b\na\nc\n", b"a\nb \nc\n"):
        with pytest.raises(ToolchainError, match="does not fit"):
            apply_patch(other, patch)


def test_an_empty_patch_changes_nothing() -> None:
    assert apply_patch(b"a\n", b"") == b"a\n"
