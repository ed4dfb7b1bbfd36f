"""The tables of a store, the version of their shape, and how a file of an older version becomes one of this.

Every table has the same columns: ``key`` says what was asked, ``host`` or ``model`` who gave the answer, ``value`` is
the answer as JSON (``cells``), ``created_at`` when it was added, in UTC, and ``version`` by which loopwright. Rows are
never changed or removed, which triggers see to.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from enum import StrEnum

APPLICATION_ID = 0x6C6F6F70
SCHEMA_VERSION = 2


class Table(StrEnum):
    """What there are rows of.

    SPECS: campaigns as they were asked for. PLANS: an outcome each. FIELDS: the timings of one field each. HOSTS,
    WORKS: the latest row of a key counts. REPLIES: of one call of a model. FAILURES: one row per attempt at a task.
    """

    SPECS = "specs"
    PLANS = "plans"
    FIELDS = "fields"
    HOSTS = "hosts"
    WORKS = "works"
    REPLIES = "replies"
    FAILURES = "failures"


# The column that says who gave the answer; specs and hosts have none.
OWNERS = {
    Table.PLANS: "host",
    Table.FIELDS: "host",
    Table.WORKS: "host",
    Table.REPLIES: "model",
    Table.FAILURES: "host",
}

_ONE_ROW_PER_KEY = frozenset({Table.SPECS, Table.PLANS, Table.FIELDS, Table.REPLIES})


def _statements(table: Table) -> tuple[str, ...]:
    """Return what makes ``table``, its index and its triggers."""
    owner, is_unique = OWNERS.get(table), table in _ONE_ROW_PER_KEY
    columns = ["id INTEGER PRIMARY KEY", f"key TEXT NOT NULL{' UNIQUE' if is_unique else ''}"]
    columns += [f"{owner} TEXT NOT NULL"] if owner else []
    columns += ["value NOT NULL", "created_at TEXT NOT NULL", "version TEXT NOT NULL"]
    return (
        f"CREATE TABLE {table} ({', '.join(columns)})",
        *(() if is_unique else (f"CREATE INDEX {table}_by_key ON {table} (key)",)),
        f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'rows stay'); END",
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'rows stay as they are'); END",
    )


TABLES = tuple(statement for table in Table for statement in _statements(table))

# Version -> the statements that make the next version of it. The result is textually what TABLES makes.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    # Version 1 kept the last failure of a task only, and not on which host: a resumed run wrote over it.
    1: (
        "ALTER TABLE failures RENAME TO failures_1",
        *_statements(Table.FAILURES),
        "INSERT INTO failures (key, host, value, created_at, version)"
        " SELECT key, '', value, created_at, version FROM failures_1 ORDER BY created_at, key",
        "DROP TABLE failures_1",
    ),
}


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file, inside the caller's transaction."""
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the file's shape."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an older file up to this version, inside the caller's transaction.

    Raises:
        ValueError: It is not what that version made; the caller rolls back.
    """
    for version in range(version_of(connection), SCHEMA_VERSION):
        if version not in MIGRATIONS:
            raise ValueError(f"there was no version {version}")
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version + 1}")
    check(connection)


def check(connection: sqlite3.Connection) -> None:
    """Compare the file's tables with those that this version makes; indexes and views of the user's do no harm.

    Raises:
        ValueError: One is missing or different, or there is a trigger of somebody else's.
    """
    found, expected = _objects(connection), _expected()
    for name, statement in expected.items():
        if found.get(name) != statement:
            raise ValueError(f"its {name[0]} {name[1]} is {'changed' if name in found else 'missing'}")
    for kind, name in sorted(set(found) - set(expected)):
        if kind == "trigger":
            raise ValueError(f"it has a trigger that is not ours, {name!r:.60}")


def _expected() -> dict[tuple[str, str], str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create(connection)
        return _objects(connection)


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(str(kind), str(name)): str(sql) for kind, name, sql in rows}
