"""Writes a store as flat tables, Parquet or CSV; docs/bench-export.md describes their columns."""

from __future__ import annotations

import csv
import importlib
import io
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loopwright.campaign.columns import TABLES, Cell, Column, columns_of
from loopwright.campaign.flatten import flatten
from loopwright.campaign.store import Store
from loopwright.core.codes import Code
from loopwright.errors import ToolchainError, UserError

FORMATS = ("parquet", "csv")

Writer = Callable[[tuple[Column, ...], tuple[object, ...]], bytes]


def export(store: Store, folder: Path, format: str) -> tuple[Path, ...]:
    """Write one file per table of ``columns.TABLES`` to ``folder``, all from one state of the store.

    Files of an earlier export are replaced, each in one step and none before all can be.

    Args:
        store: What to export.
        folder: Made if it is not there.
        format: ``parquet`` (needs the extra ``bench``), or ``csv``.

    Returns:
        The files, in the order of the tables.

    Raises:
        UserError: There is no such format, pyarrow is missing, or a row of the store is damaged.
        ToolchainError: The files cannot be written; those that were there are as they were.
    """
    write = _writer(format)
    with store.snapshot():
        rows = flatten(store)
    files = {folder / f"{table}.{format}": write(columns_of(table), rows[table]) for table in TABLES}
    _write_all(files)
    return tuple(files)


def _writer(format: str) -> Writer:
    if format == "csv":
        return _csv
    if format != "parquet":
        raise UserError(Code.BAD_OPTION, f"no format called {format!r}", f"choose one of {', '.join(FORMATS)}")
    try:
        pyarrow: Any = importlib.import_module("pyarrow")  # no type information
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise UserError(
            Code.EXTRA_MISSING, "Parquet needs pyarrow", "pip install 'loopwright[bench]', or write csv"
        ) from None

    def write(columns: tuple[Column, ...], rows: tuple[object, ...]) -> bytes:
        kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
        schema = pyarrow.schema(
            [pyarrow.field(column.name, kinds[column.kind], column.is_nullable) for column in columns]
        )
        cells = {column.name: [_cell(row, column) for row in rows] for column in columns}
        try:
            table = pyarrow.Table.from_pydict(cells, schema=schema)
        except (OverflowError, pyarrow.ArrowInvalid) as error:
            raise UserError(Code.CANNOT_WRITE, f"a value does not fit into Parquet: {error}", "use csv") from None
        sink = io.BytesIO()
        parquet.write_table(table, sink, compression="zstd")
        return sink.getvalue()

    return write


def _csv(columns: tuple[Column, ...], rows: tuple[object, ...]) -> bytes:
    """Return RFC 4180 text with a header; numbers in the shortest form that reads back the same."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(_cell(row, column)) for column in columns])
    return text.getvalue().encode()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return repr(cell) if isinstance(cell, float) else str(cell)


def _cell(row: object, column: Column) -> Cell:
    cell: Cell = getattr(row, column.name)
    # Bytes that are no UTF-8 come as lone surrogates, which neither format can hold.
    return cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell


def _write_all(files: Mapping[Path, bytes]) -> None:
    """Write every file under another name first, so that a full disk or a kill leaves those that were there."""
    prepared: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            prepared[path] = temporary
            temporary.write_bytes(content)
        for path, temporary in prepared.items():
            temporary.replace(path)
    except OSError as error:
        raise ToolchainError(
            Code.CANNOT_WRITE,
            f"cannot write {error.filename or 'the tables'}: {error.strerror}",
            "make room or choose another folder",
        ) from None
    finally:
        for temporary in prepared.values():
            temporary.unlink(missing_ok=True)
