"""Opens a store's file: makes it whole or not at all, and refuses what is not one without touching it.

A store is recognised by its application id, which is in the file from its birth: it is made under another name and
linked to its own when it is complete.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from loopwright.core.codes import Code
from loopwright.errors import LoopwrightError, ToolchainError, UserError
from loopwright.storage import schema

_BUSY_S = 60.0
_LEAVE = "it is left as it is; name another file"

# The file is seen as it lies there: no lock is taken, no journal is looked at, and nothing appears beside it.
_AS_IT_LIES = "mode=ro&immutable=1"


def is_database(path: Path) -> bool:
    """Return True if ``path`` is an SQLite file, of loopwright or not.

    SQLite does the looking: if this process has the file open as a store, to open and close it in the plain way would
    let go of the locks that keep other processes off (fcntl(2), "closing any descriptor").
    """
    try:
        if not path.is_file() or path.stat().st_size == 0:
            return False
        with closing(_connect(path.resolve(), _AS_IT_LIES)) as connection:
            connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error as error:
        return _error_code(error) not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)
    except OSError:
        return False
    return True


def open_file(path: Path, *, create: bool) -> sqlite3.Connection:
    """Return a connection to the store at ``path``, which is then of this version and in WAL mode.

    A file that may not be written to is opened for reading.

    Raises:
        UserError: It is not there and not to be made, not a store, damaged, or of a newer version. Whatever it is, its
            bytes are as they were.
        ToolchainError: It cannot be made or opened here.
    """
    try:
        target = path.resolve()
        if create and not target.exists():
            _create(target)
        _require_store(target, path)
        return _open(target, path)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(Code.CANNOT_READ, f"cannot open the store {path}: {reason}", "check the path") from None
    except sqlite3.Error as error:
        raise database_error(error, path) from None


def database_error(error: sqlite3.Error, path: Path) -> LoopwrightError:
    """Return what the user is told of SQLite's ``error``."""
    code = _error_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ToolchainError(
            Code.CANNOT_WRITE, f"the store {path} is kept busy by another process", "wait for it, or end it"
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return UserError(Code.CANNOT_READ, f"cannot open the store {path}: {error}", "check the path")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ToolchainError(
            Code.CANNOT_WRITE, f"cannot write to the store {path}: {error}", "make room, or choose another place"
        )
    return _damaged(path, str(error))


def _damaged(path: Path, reason: str) -> UserError:
    shown = "".join(char if char.isprintable() else " " for char in reason[:200])
    return UserError(Code.CANNOT_READ, f"the store {path} is damaged: {shown}", _LEAVE)


def _error_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more than we need


def _connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.text_factory = _text
    # https://www.sqlite.org/security.html, "untrusted SQLite database files"
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.touch(exist_ok=False)
    try:
        with closing(_connect(temporary, "mode=rw")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            schema.create(connection)
            connection.execute("COMMIT")
        os.link(temporary, path)
    except FileExistsError:
        pass  # another process was first, and its file is as good
    finally:
        for suffix in ("", "-wal", "-shm"):
            temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)


def _require_store(target: Path, path: Path) -> None:
    if not target.exists():
        raise UserError(Code.CANNOT_READ, f"there is no store {path}", "check the path")
    if not target.is_file():
        raise UserError(Code.CANNOT_READ, f"{path} is not a file", "name another")
    not_a_store = UserError(Code.CANNOT_READ, f"{path} is not a store of loopwright", _LEAVE)
    if target.stat().st_size == 0:
        raise not_a_store
    with closing(_connect(target, _AS_IT_LIES)) as connection:
        # A process that is killed while it moves the log into the file may leave it shorter than its first page says,
        # which is no damage as long as the log is there. With this, SQLite does not mind; pages are looked at later.
        connection.execute("PRAGMA writable_schema = ON")
        try:
            identity = int(connection.execute("PRAGMA application_id").fetchone()[0])
        except sqlite3.Error as error:
            if _error_code(error) == sqlite3.SQLITE_NOTADB:
                raise not_a_store from None
            raise
        if identity != schema.APPLICATION_ID:
            raise not_a_store
        _require_known(schema.version_of(connection), path)


def _require_known(version: int, path: Path) -> None:
    if version > schema.SCHEMA_VERSION:
        raise UserError(
            Code.CANNOT_READ,
            f"the store {path} is of version {version}, and this loopwright knows {schema.SCHEMA_VERSION}",
            "update loopwright; the file is left as it is",
        )


def _open(target: Path, path: Path) -> sqlite3.Connection:
    log = target.with_name(f"{target.name}-wal")
    is_logged = log.exists() and log.stat().st_size > 0
    if is_logged:
        # Who closes a writable connection last moves the log into the file. So look first.
        with closing(_connect(target, "mode=ro")) as reader:
            _require_whole(reader, path)
    is_writable = os.access(target, os.W_OK) and os.access(target.parent, os.W_OK)
    connection = _connect(target, "mode=rw" if is_writable else "mode=ro" if is_logged else _AS_IT_LIES)
    try:
        if not is_logged:
            _require_whole(connection, path)
        if is_writable:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        if schema.version_of(connection) < schema.SCHEMA_VERSION:
            _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_whole(connection: sqlite3.Connection, path: Path) -> None:
    version = schema.version_of(connection)
    _require_known(version, path)
    found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found != "ok":
        raise _damaged(path, found)
    if version == schema.SCHEMA_VERSION:
        try:
            schema.check(connection)
        except ValueError as error:
            raise _damaged(path, str(error)) from None


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        _require_known(schema.version_of(connection), path)  # another process may have been first
        schema.migrate(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        connection.rollback()
        if isinstance(error, ValueError):
            raise _damaged(path, str(error)) from None
        raise
