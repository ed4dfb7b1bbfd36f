"""What is not an ELF file tells nothing about threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.baselines.symbols import threads_in


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF\x01", b"\x7fELF\x02\x01", b"#!/bin/sh\n" * 9, b"\x7fELF\x02\x01" * 40]
)
def test_nothing_is_known_of_other_files(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "binary"
    file.write_bytes(content)
    assert threads_in(file) is None
