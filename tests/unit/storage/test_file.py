"""What is opened as a store, what is refused and left alone, and how a store is made."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from loopwright.core.codes import Code
from loopwright.errors import ToolchainError, UserError
from loopwright.storage import file as store_file
from loopwright.storage.database import Database
from loopwright.storage.file import is_database, open_file
from loopwright.storage.schema import APPLICATION_ID, SCHEMA_VERSION, Table

VERSION_1 = Path(__file__).with_name("version-1.db")


def new_store(path: Path, rows: int = 0) -> Path:
    with Database.open(path) as database:
        for number in range(rows):
            database.add(Table.PLANS, f"key {number}", ["x" * 50] * 100, host="h")
    return path


def change(path: Path, *statements: str) -> None:
    """Do to a store what only another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def refusal(path: Path, *, create: bool = True) -> UserError:
    """Open what must be refused; nothing in its folder may change by that."""
    before = {entry.name: entry.read_bytes() for entry in path.parent.iterdir()}
    with pytest.raises(UserError) as caught:
        open_file(path, create=create).close()
    assert {entry.name: entry.read_bytes() for entry in path.parent.iterdir()} == before
    assert caught.value.code is Code.CANNOT_READ
    assert str(path) in caught.value.one_line()
    return caught.value


def test_a_new_store_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "some" / "folder" / "results.db"
    mask = os.umask(0o027)
    try:
        with closing(open_file(path, create=True)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    finally:
        os.umask(mask)
    assert [entry.name for entry in path.parent.iterdir()] == ["results.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "#1.db", "täglich.db", os.fsdecode(b"\xff.db")])
def test_a_store_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = new_store(tmp_path / name, 1)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    with Database.open(path, create=False) as database:
        assert database.has(Table.PLANS, "key 0")


def test_a_symbolic_link_to_a_store_is_the_store(tmp_path: Path) -> None:
    path = new_store(tmp_path / "folder" / "results.db", 1)
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with Database.open(link) as database:
        database.add(Table.PLANS, "one more", 1, host="h")
    with Database.open(path) as database:
        assert [row.key for row in database.rows(Table.PLANS)] == ["key 0", "one more"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no store" in refusal(tmp_path / "no.db", create=False).one_line()


def test_a_folder_a_loop_and_a_pipe_are_no_stores(tmp_path: Path) -> None:
    loop, pipe = tmp_path / "loop.db", tmp_path / "pipe.db"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    for path in (tmp_path, loop, pipe):
        with pytest.raises(UserError, match=str(path)):
            open_file(path, create=True)


def test_a_file_below_a_file_is_the_users_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot open the store"):
        open_file(tmp_path / "file" / "results.db", create=True)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b'{"format": 1, "model": "tiny"}\n', b"SQLite format 3\0", b"SQLite format 3\0" + bytes(4080)],
    ids=["empty", "short", "recording", "magic", "zeros"],
)
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(content)
    refusal(path)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_somebody_elses_database_is_refused(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "theirs.db"
    change(path, f"PRAGMA journal_mode = {mode}", "PRAGMA user_version = 2", "CREATE TABLE plans (key TEXT)")
    assert "is not a store of loopwright" in refusal(path).one_line()


def test_somebody_elses_database_with_a_log_is_left_with_it(tmp_path: Path) -> None:
    """Whoever opens such a file for writing and closes it last moves the log into the file."""
    theirs, copy = tmp_path / "theirs.db", tmp_path / "copy" / "theirs.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(theirs, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{theirs}{suffix}", f"{copy}{suffix}")
    refusal(copy)


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = new_store(tmp_path / "results.db", 3)
    change(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert "update loopwright" in refusal(path).one_line()


def test_a_store_whose_log_makes_it_newer_is_refused(tmp_path: Path) -> None:
    path, copy = new_store(tmp_path / "results.db"), tmp_path / "copy" / "results.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        for suffix in ("", "-wal", "-shm"):
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    assert b"SQLite" in copy.read_bytes()[:6]
    before = copy.read_bytes()
    with pytest.raises(UserError, match="is of version"):
        open_file(copy, create=True)
    assert copy.read_bytes() == before
    assert copy.with_name("results.db-wal").stat().st_size > 0


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_to_one_page(path: Path) -> None:
    os.truncate(path, 4096)


def overwrite_pages(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 8192)


def overwrite_schema(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(200)
        file.write(b"\xa5" * 3000)


@pytest.mark.parametrize("damage", [cut, cut_to_one_page, overwrite_pages, overwrite_schema])
def test_a_damaged_store_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = new_store(tmp_path / "results.db", 50)
    damage(path)
    assert "is damaged" in refusal(path).one_line()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE replies",
        "DROP TRIGGER plans_keep",
        "ALTER TABLE plans ADD COLUMN more",
        "CREATE TRIGGER extra AFTER INSERT ON plans BEGIN DELETE FROM plans; END",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
    ],
)
def test_a_store_of_another_shape_is_refused(tmp_path: Path, statement: str) -> None:
    path = new_store(tmp_path / "results.db", 1)
    change(path, statement)
    assert "is damaged" in refusal(path).one_line()


def test_a_view_that_never_ends_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n"
    change(path, f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {SCHEMA_VERSION}")
    change(path, f"CREATE VIEW plans AS {endless}", f"CREATE VIEW replies AS {endless}")
    refusal(path)


def test_an_index_of_the_users_own_does_no_harm(tmp_path: Path) -> None:
    path = new_store(tmp_path / "results.db", 1)
    change(path, "CREATE INDEX mine ON plans (host)", "CREATE VIEW seen AS SELECT key FROM plans", "ANALYZE")
    with Database.open(path) as database:
        assert database.has(Table.PLANS, "key 0")


def test_an_older_store_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    shutil.copyfile(VERSION_1, path)
    with Database.open(path) as database:
        rows = [(row.key, row.owner, database.document(row)["label"]) for row in database.rows(Table.FAILURES)]
    assert rows == [("field-1", "", "matmul: n=1000"), ("field-2", "", "matmul: n=2000")]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("SELECT DISTINCT created_at FROM failures").fetchall() == [
            ("2025-02-03T04:05:06.789+00:00",)
        ]


def test_a_failed_migration_leaves_the_older_store(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    shutil.copyfile(VERSION_1, path)
    change(path, "DROP TABLE works")
    assert "its table works is missing" in refusal(path).one_line()


def test_a_store_that_may_not_be_written_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = new_store(tmp_path / "results.db", 2)
    before = path.read_bytes()
    monkeypatch.setattr(store_file.os, "access", lambda *_: False)  # the tests may run as root, who may do anything
    with Database.open(path) as database:
        assert [row.key for row in database.rows(Table.PLANS)] == ["key 0", "key 1"]
        with pytest.raises(ToolchainError, match="readonly"):
            database.add(Table.PLANS, "key 2", 1, host="h")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.db"]
    shutil.copyfile(VERSION_1, tmp_path / "older.db")
    with pytest.raises(ToolchainError, match="readonly"):
        Database.open(tmp_path / "older.db")


def test_which_files_are_databases(tmp_path: Path) -> None:
    lines, empty = tmp_path / "lines.jsonl", tmp_path / "empty"
    lines.write_text('{"format": 1, "model": "tiny"}\n' * 100)
    empty.touch()
    theirs = tmp_path / "theirs.db"
    change(theirs, "CREATE TABLE t (x)")
    assert is_database(new_store(tmp_path / "results.db"))
    assert is_database(theirs)
    for path in (lines, empty, tmp_path, tmp_path / "no.db"):
        assert not is_database(path)


def test_a_log_that_was_half_moved_into_the_file_is_no_damage(tmp_path: Path) -> None:
    """A process that is killed at it leaves a file that is shorter than its first page says, and the log beside it."""
    path, copy = new_store(tmp_path / "results.db"), tmp_path / "copy" / "results.db"
    copy.parent.mkdir()
    with Database.open(path) as database:
        for number in range(40):
            database.add(Table.PLANS, f"key {number}", [os.urandom(4000).hex()], host="h")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    with path.open("rb") as whole, copy.open("r+b") as half:
        half.write(whole.read(4096))
    assert copy.stat().st_size < path.stat().st_size
    with Database.open(copy) as database:
        assert len(list(database.rows(Table.PLANS))) == 40


def locks_on(path: Path) -> list[str]:
    inode = f":{path.stat().st_ino} "
    return [line for line in Path("/proc/locks").read_text().splitlines() if inode in line]


@pytest.mark.skipif(not Path("/proc/locks").is_file(), reason="needs /proc/locks, which is not here")
def test_looking_at_an_open_store_does_not_let_go_of_its_locks(tmp_path: Path) -> None:
    path = new_store(tmp_path / "results.db", 1)
    with Database.open(path) as database:
        database.add(Table.PLANS, "one more", 1, host="h")
        held = locks_on(path)
        assert held
        assert is_database(path)
        Database.open(path).close()
        assert locks_on(path) == held
