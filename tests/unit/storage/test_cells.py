from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopwright.storage import cells
from loopwright.storage.cells import pack, unpack

DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(DOCUMENTS)
def test_documents_survive_the_round_trip(document: Any) -> None:
    assert unpack(pack(document)) == document


def test_a_long_document_is_compressed() -> None:
    document = ["a sample"] * 1000
    cell = pack(document)
    assert isinstance(cell, bytes)
    assert len(cell) < 500
    assert unpack(cell) == document


@pytest.mark.parametrize("text", ["\0", "a\0b", "\udc80", "\U0001f600", "'); DROP TABLE plans; --"])
def test_text_that_sqlite_would_not_hold_is_kept(text: str) -> None:
    cell = pack(text)
    assert isinstance(cell, str)
    assert cell.isascii()
    assert "\0" not in cell
    assert unpack(cell) == text


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "neither text nor a blob, but NoneType"),
        (7, "but int"),
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("__import__('os')", "Expecting value"),
        ("[" * 100_000, "nested too deeply"),
        (b"", "cut off"),
        (b"not zlib", "does not decompress"),
        (zlib.compress(b"[1, 2, 3]")[:-1], "cut off"),
        (zlib.compress(b"[1, 2"), "Expecting ',' delimiter"),
        (zlib.compress("[1]".encode("utf-16")), "ascii"),
    ],
)
def test_what_is_no_document_is_refused(cell: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        unpack(cell)


def test_a_cell_does_not_swell_without_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_CELL_BYTES", 1 << 20)
    fits = zlib.compress(json.dumps("a" * ((1 << 20) - 2)).encode())
    assert len(unpack(fits)) == (1 << 20) - 2
    with pytest.raises(ValueError, match="longer than 1 MiB"):
        unpack(zlib.compress(b" " * (1 << 26)))
    with pytest.raises(ValueError, match="longer than 1 MiB"):
        pack("a" * (1 << 20))
