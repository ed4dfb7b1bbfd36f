from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from loopwright.core.codes import Code
from loopwright.errors import ToolchainError, UserError
from loopwright.storage import cells
from loopwright.storage import file as store_file
from loopwright.storage.database import Database
from loopwright.storage.schema import OWNERS, Table
from loopwright.version import __version__


def test_every_row_says_when_and_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    berlin = datetime(2025, 2, 3, 4, 5, 6, 789_000, timezone(timedelta(hours=1)))
    with Database.open(path, now=lambda: berlin) as database:
        for table in Table:
            owner = {OWNERS[table]: "who"} if table in OWNERS else {}
            assert database.add(table, "key", {"a": 1}, **owner)
            row = database.latest(table, "key")
            assert row is not None
            assert (row.id, row.key, row.owner) == (1, "key", "who" if owner else "")
            assert row.created_at == "2025-02-03T03:05:06.789+00:00"
    with closing(sqlite3.connect(path)) as connection:
        for table in Table:
            assert connection.execute(f"SELECT version FROM {table}").fetchall() == [(__version__,)]


def test_the_clock_is_the_one_on_the_wall_in_utc(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with Database.open(tmp_path / "results.db") as database:
        database.add(Table.SPECS, "key", 1)
        row = database.latest(Table.SPECS, "key")
    assert row is not None
    assert timedelta(seconds=-1) < datetime.fromisoformat(row.created_at) - before < timedelta(minutes=5)


@pytest.mark.parametrize("table", [Table.SPECS, Table.PLANS, Table.FIELDS, Table.REPLIES])
def test_the_first_row_of_a_key_stays(tmp_path: Path, table: Table) -> None:
    owner = {OWNERS[table]: "who"} if table in OWNERS else {}
    with Database.open(tmp_path / "results.db") as database:
        assert database.add(table, "key", 1, **owner)
        assert not database.add(table, "key", 2, **owner)
        assert [database.document(row) for row in database.rows(table)] == [1]


@pytest.mark.parametrize("table", [Table.HOSTS, Table.WORKS, Table.FAILURES])
def test_the_last_row_of_a_key_counts_and_all_stay(tmp_path: Path, table: Table) -> None:
    owner = {OWNERS[table]: "who"} if table in OWNERS else {}
    with Database.open(tmp_path / "results.db") as database:
        for key, value in (("a", 1), ("b", 2), ("a", 3)):
            assert database.add(table, key, value, **owner)
        assert [database.document(row) for row in database.latest_rows(table)] == [2, 3]
        assert [database.document(row) for row in database.rows(table)] == [1, 2, 3]


@pytest.mark.parametrize("table", list(Table))
@pytest.mark.parametrize("statement", ["UPDATE {} SET value = 2", "DELETE FROM {}", "UPDATE {} SET created_at = ''"])
def test_no_program_changes_a_row_by_mistake(tmp_path: Path, table: Table, statement: str) -> None:
    path = tmp_path / "results.db"
    owner = {OWNERS[table]: "who"} if table in OWNERS else {}
    with Database.open(path) as database:
        database.add(table, "key", 1, **owner)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="rows stay"):
        connection.execute(statement.format(table))


def test_what_is_added_together_is_kept_together(tmp_path: Path) -> None:
    path = tmp_path / "results.db"

    def add_two_and_fail(database: Database) -> None:
        with database.writing():
            database.add(Table.SPECS, "a", 1)
            database.add(Table.SPECS, "b", 2)
            raise KeyError

    with Database.open(path) as database, Database.open(path) as other:
        with database.writing():
            database.add(Table.SPECS, "first", 1)
            assert not other.has(Table.SPECS, "first")
        assert other.has(Table.SPECS, "first")
        with pytest.raises(KeyError):
            add_two_and_fail(database)
        assert [row.key for row in other.rows(Table.SPECS)] == ["first"]
        assert database.add(Table.SPECS, "after", 1)


def test_a_snapshot_sees_one_state(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    with Database.open(path) as database, Database.open(path) as other:
        with database.snapshot():
            assert not list(database.rows(Table.SPECS))
            other.add(Table.SPECS, "meanwhile", 1)
            assert not list(database.rows(Table.SPECS))
        assert database.has(Table.SPECS, "meanwhile")


def test_rows_that_come_while_others_are_read_wait_for_the_next_time(tmp_path: Path) -> None:
    with Database.open(tmp_path / "results.db") as database:
        for number in range(3):
            database.add(Table.SPECS, str(number), number)
        seen: list[str] = []
        for row in database.rows(Table.SPECS):
            seen.append(row.key)
            database.add(Table.SPECS, f"{row.key}'", 0)
        assert seen == ["0", "1", "2"]
        assert len(list(database.rows(Table.SPECS))) == 6


def test_threads_share_a_database(tmp_path: Path) -> None:
    added: list[bool] = []

    def work(name: int) -> None:
        added.extend(database.add(Table.SPECS, f"{name} {number}", number) for number in range(20))
        added.append(database.add(Table.SPECS, "the same", name))

    with Database.open(tmp_path / "results.db") as database:
        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(added) == 81
        assert len(list(database.rows(Table.SPECS))) == 81


@pytest.mark.parametrize("key", ["'); DROP TABLE plans; --", "a\0b", "", "täglich", "k" * 10_000])
def test_a_key_may_be_any_text(tmp_path: Path, key: str) -> None:
    path = tmp_path / "results.db"
    with Database.open(path) as database:
        assert database.add(Table.PLANS, key, 1, host=key)
        assert database.has(Table.PLANS, key)
        assert not database.has(Table.PLANS, f"{key}x")
    with Database.open(path) as database:
        assert [(row.key, row.owner) for row in database.rows(Table.PLANS)] == [(key, key)]


def test_a_name_that_is_no_text_is_the_callers_error(tmp_path: Path) -> None:
    with Database.open(tmp_path / "results.db") as database:
        for key, host in (("\udc80", "h"), ("k", "\udc80")):
            with pytest.raises(UserError, match="cannot hold a row of plans") as caught:
                database.add(Table.PLANS, key, 1, host=host)
            assert caught.value.code is Code.CANNOT_WRITE
        assert not list(database.rows(Table.PLANS))


def test_a_huge_row_is_kept_and_one_that_is_too_large_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = "0123456789abcdef" * (1 << 20)
    with Database.open(tmp_path / "results.db") as database:
        assert database.add(Table.SPECS, "huge", huge)
        row = database.latest(Table.SPECS, "huge")
        assert row is not None
        assert database.document(row) == huge
        monkeypatch.setattr(cells, "MAX_CELL_BYTES", 1 << 20)
        with pytest.raises(UserError, match="longer than 1 MiB"):
            database.add(Table.SPECS, "too large", huge)
        with pytest.raises(UserError, match="row 1 of specs, 'huge': it is longer"):
            database.document(row)


def test_a_store_that_another_process_keeps_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.db"
    monkeypatch.setattr(store_file, "_BUSY_S", 0.05)
    with Database.open(path) as database, Database.open(path) as other:
        with other.writing(), pytest.raises(ToolchainError, match="kept busy"):
            database.add(Table.SPECS, "key", 1)
        assert database.add(Table.SPECS, "key", 1)


def test_damage_that_is_found_while_reading(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    with Database.open(path) as database:
        database.add(Table.SPECS, "key", "x" * 4000)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("DROP TABLE specs")
            connection.commit()
        with pytest.raises(UserError, match="is damaged: no such table: specs"):
            database.latest(Table.SPECS, "key")
