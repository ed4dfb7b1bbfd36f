"""A store's file while it is open: rows are added and read, and never changed.

Any number of threads may use one ``Database``, and any number of processes one file.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from loopwright.core.codec import decode
from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.storage.cells import Json, pack, unpack
from loopwright.storage.file import database_error, open_file
from loopwright.storage.schema import OWNERS, Table
from loopwright.version import __version__

T = TypeVar("T")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in its table, its key, whose it is (a host, a model, or ""), its cell, and since when."""

    table: Table
    id: int
    key: str
    owner: str
    cell: object
    created_at: str


class Database:
    """A store that is open. ``add`` has returned: the row is on the disk, whatever becomes of this process."""

    def __init__(self, path: Path, connection: sqlite3.Connection, now: Clock) -> None:
        self.path = path
        self._connection = connection
        self._now = now
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, create: bool = True, now: Clock = utc_now) -> Self:
        """Return the store at ``path``.

        Raises:
            UserError: See ``file.open_file``.
            ToolchainError: See there.
        """
        return cls(path, open_file(path, create=create), now)

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Generator[None]:
        """Keep other writers off; what is added inside is kept together, or on an exception not at all."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Read inside as if nobody wrote meanwhile; other processes may."""
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Generator[None]:
        with self._guarded():
            self._connection.execute(begin)
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def add(self, table: Table, key: str, document: Json, **owner: str) -> bool:
        """Add a row, and return True; False, and nothing is done, where a key has one row only and this one has it.

        Args:
            table: Where to.
            key: What was asked.
            document: The value, in JSON's types.
            owner: The table's own column: ``host`` or ``model``.

        Raises:
            UserError: It is too large, or a name is no Unicode text.
            ToolchainError: The disk is full, or another process does not let go of the file.
        """
        try:
            cell = pack(document)
            for name in (key, *owner.values()):
                name.encode()
        except ValueError as error:
            raise UserError(Code.CANNOT_WRITE, f"the store cannot hold a row of {table}: {error}") from None
        time = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
        columns = {"key": key, **owner, "value": cell, "created_at": time, "version": __version__}
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"
        with self._guarded():
            return self._connection.execute(statement, tuple(columns.values())).rowcount == 1

    def latest(self, table: Table, key: str) -> Row | None:
        """Return the last row of ``key``."""
        rows = self._select(table, "WHERE key = ? ORDER BY id DESC LIMIT 1", key)
        return rows[0] if rows else None

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield every row that is there now, in the order in which they were added, with one in memory at a time."""
        with self._guarded():
            ids = [int(found[0]) for found in self._connection.execute(f"SELECT id FROM {table} ORDER BY id")]
        for number in ids:
            yield from self._select(table, "WHERE id = ?", number)

    def latest_rows(self, table: Table) -> Iterator[Row]:
        """Yield the last row of every key."""
        last = {key: number for number, key in self.names(table, "key")}
        for number in sorted(last.values()):
            yield from self._select(table, "WHERE id = ?", number)

    def names(self, table: Table, column: str) -> tuple[tuple[int, str], ...]:
        """Return number and ``column`` (``key``, ``host`` or ``model``) of every row, without reading the values."""
        with self._guarded():
            found = self._connection.execute(f"SELECT id, {column} FROM {table} ORDER BY id").fetchall()
        return tuple((int(number), str(name)) for number, name in found)

    def has(self, table: Table, key: str) -> bool:
        """Return True if there is a row of ``key``."""
        with self._guarded():
            statement = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE key = ?)"
            return bool(self._connection.execute(statement, (key,)).fetchone()[0])

    def read(self, kind: type[T], row: Row, check: Callable[[T], T] | None = None) -> T:
        """Return the value of ``row``.

        Args:
            kind: Its type.
            row: The row.
            check: Returns the value, or raises ValueError if it cannot be true.

        Raises:
            UserError: It is no ``kind``, or ``check`` refuses it; the message names the row.
        """
        try:
            value = decode(kind, self.document(row))
            return value if check is None else check(value)
        except (ValueError, RecursionError) as error:
            raise self._unreadable(row, error) from None

    def document(self, row: Row) -> Json:
        """Return the JSON of ``row``; raises UserError, which names the row, if it is none."""
        try:
            return unpack(row.cell)
        except ValueError as error:
            raise self._unreadable(row, error) from None

    def _unreadable(self, row: Row, error: Exception) -> UserError:
        message = f"the store {self.path} is damaged: row {row.id} of {row.table}, {row.key!r:.80}: {error!s:.200}"
        return UserError(Code.CANNOT_READ, message, "the row was not written by loopwright, or by a version of its own")

    def _select(self, table: Table, where: str, value: str | int) -> tuple[Row, ...]:
        owner = OWNERS.get(table, "''")
        statement = f"SELECT id, key, {owner}, value, created_at FROM {table} {where}"
        with self._guarded():
            found = self._connection.execute(statement, (value,)).fetchall()
        return tuple(Row(table, int(item[0]), str(item[1]), str(item[2]), item[3], str(item[4])) for item in found)

    @contextmanager
    def _guarded(self) -> Generator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.ProgrammingError:
                raise  # the store is closed: our own fault
            except sqlite3.Error as error:
                raise database_error(error, self.path) from None
