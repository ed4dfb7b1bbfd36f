"""Values <-> cells of a table: JSON text, compressed where it is long. Nothing that is read is ever evaluated."""

from __future__ import annotations

import json
import zlib
from typing import Any

MAX_CELL_BYTES = 1 << 28
_PLAIN_BYTES = 1 << 12

Json = Any


def pack(document: Json) -> str | bytes:
    """Return the cell for what ``json.dumps`` takes: ASCII text, or zlib of it if that is more than 4 KiB.

    Raises:
        ValueError: It is longer than ``MAX_CELL_BYTES``, which no reader would take back.
    """
    # ASCII with escapes: text with NUL bytes or lone surrogates, which no SQLite text may hold, is kept as it is.
    text = json.dumps(document, separators=(",", ":"))
    if len(text) > MAX_CELL_BYTES:
        raise ValueError(f"it is longer than {MAX_CELL_BYTES >> 20} MiB")
    return text if len(text) <= _PLAIN_BYTES else zlib.compress(text.encode("ascii"))


def unpack(cell: object) -> Json:
    """Return the document of a cell; whoever wrote the file is not trusted.

    Raises:
        ValueError: It is no text or blob of JSON, or longer than ``MAX_CELL_BYTES``.
    """
    if isinstance(cell, bytes):
        text = _inflate(cell).decode("ascii")
    elif isinstance(cell, str):
        text = cell
    else:
        raise ValueError(f"a cell is neither text nor a blob, but {type(cell).__name__}")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _inflate(cell: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(cell, MAX_CELL_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"it does not decompress: {error}") from None
    if len(text) > MAX_CELL_BYTES:
        raise ValueError(f"it is longer than {MAX_CELL_BYTES >> 20} MiB")
    if not inflater.eof:
        raise ValueError("it is cut off")
    return text
