"""What several processes, and processes that are killed, leave in a store."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

import pytest

from loopwright.campaign.store import Store
from store_writer import outcome_of, peaks_of, replies_of, timings_of
from stored_values import HOST, make_environment, make_outcome

TESTS = Path(__file__).parents[1]
VERSION_1 = TESTS / "unit" / "storage" / "version-1.db"
BUDGET_S = 4.0
LEAST_KILLS = 12


class Writer:
    """A process that forks writers; see ``store_writer``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(TESTS / "store_writer.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._pid = 0
        self._said: list[tuple[str, str, bool]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, store: Path, prefix: str, count: int | None = None) -> None:
        """Let a new process write; without a ``count`` it does so until it is killed."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(store), prefix, count]) + "\n")
        self._process.stdin.flush()
        kind, self._pid = self._line()
        assert kind == "pid"

    def wait(self, count: int) -> None:
        """Wait until the process has opened the store and put so many things, one less than ``count``."""
        for _ in range(count):
            kind, key, is_new = self._line()
            self._said.append((kind, key, is_new))

    def kill(self) -> list[tuple[str, str, bool]]:
        """Kill the process, and return what it said that it has done."""
        os.kill(self._pid, signal.SIGKILL)
        return self.rest()

    def rest(self) -> list[tuple[str, str, bool]]:
        """Return what the process said that it has done, once it is gone."""
        said, self._said = self._said, []
        while (line := self._line()) != ["end"]:
            said.append((line[0], line[1], line[2]))
        return said

    def _line(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def writers() -> Iterator[tuple[Writer, Writer]]:
    with ExitStack() as stack:
        yield stack.enter_context(Writer()), stack.enter_context(Writer())


def require_whole(store: Store, kind: str, key: str) -> None:
    """Check that what was put under ``key`` is there, all of it."""
    match kind:
        case "plan":
            assert store.plan(key) == outcome_of(key)
        case "field":
            assert store.timings(key) == timings_of(key.removesuffix("f"))
        case "replies":
            assert store.replies(key) == replies_of(key)
        case _:
            assert kind in ("open", "host", "failure")


def require_once(path: Path, said: list[tuple[str, str, bool]], prefixes: set[str]) -> None:
    """Check that the store holds what was said, each once, and beyond that at most one row per writer, a whole one."""
    with Store.open(path, create=False) as store:
        for kind, key, _ in said:
            require_whole(store, kind, key)
        found = [("plan", key) for key, _, outcome in store.plans() if outcome == outcome_of(key)]
        found += [("field", key) for key, _, timings in store.fields() if timings == timings_of(key.removesuffix("f"))]
        found += [("replies", key) for key, _, replies in store.all_replies() if replies == replies_of(key)]
        hosts = {key: (environment, peaks) for key, environment, peaks in store.hosts()}
        found += [("host", key) for key in hosts]
    with closing(sqlite3.connect(path)) as connection:
        found += [("failure", key) for (key,) in connection.execute("SELECT key FROM failures")]
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("plans", "fields", "replies", "hosts", "failures")
        ]
    for kind, key, _ in said:
        if kind == "host":
            number = int(key.rpartition("-")[2])
            assert hosts[key] == (make_environment(), peaks_of(number))
    assert len(set(found)) == len(found) == sum(counts)
    unsaid = set(found) - {(kind, key) for kind, key, _ in said}
    assert len({key.rpartition("-")[0] for _, key in unsaid}) == len(unsaid) <= len(prefixes)


def time_to_open(writer: Writer, path: Path) -> float:
    """Return the seconds that a process takes to open ``path``; how fast depends on what else runs here."""
    start = time.monotonic()
    writer.start(path, "first-")
    writer.wait(1)
    taken_s = time.monotonic() - start
    writer.kill()
    return taken_s


def test_a_killed_writer_loses_nothing_that_it_has_put(tmp_path: Path, writers: tuple[Writer, Writer]) -> None:
    chance, path = random.Random(3), tmp_path / "results.db"
    said: list[tuple[str, str, bool]] = []
    prefixes: set[str] = set()
    end = time.monotonic() + BUDGET_S
    while len(prefixes) < 2 * LEAST_KILLS or time.monotonic() < end:
        for name, writer in zip("ab", writers, strict=True):
            prefixes.add(prefix := f"{name}{len(prefixes)}-")
            writer.start(path, prefix)
        new: list[tuple[str, str, bool]] = []
        for writer in writers:
            writer.wait(chance.randrange(6))
            time.sleep(chance.uniform(0.0, 0.02))
            new += writer.kill()
        said += new
        with Store.open(path) as store:
            for kind, key, is_new in new:
                assert is_new
                require_whole(store, kind, key)
    assert len(said) > len(prefixes), "the writers were killed before they had put anything"
    require_once(path, said, prefixes)
    leftovers = {entry.name for entry in tmp_path.iterdir()} - {"results.db"}
    assert all(name.startswith(".results.db.") for name in leftovers)


def test_a_process_killed_while_it_makes_a_store(tmp_path: Path, writers: tuple[Writer, Writer]) -> None:
    chance, writer = random.Random(5), writers[0]
    span_s = 1.2 * time_to_open(writer, tmp_path / "first.db")
    end = time.monotonic() + BUDGET_S / 2
    kills = 0
    while kills < LEAST_KILLS or time.monotonic() < end:
        path = tmp_path / f"{kills}.db"
        writer.start(path, "a-")
        time.sleep(chance.uniform(0.0, span_s))
        said = writer.kill()
        assert not said or path.exists()
        with Store.open(path) as store:
            assert store.put_plan("after", HOST, make_outcome())
            for kind, key, _ in said:
                require_whole(store, kind, key)
        kills += 1


def test_a_process_killed_while_it_migrates_a_store(tmp_path: Path, writers: tuple[Writer, Writer]) -> None:
    chance, writer, old = random.Random(7), writers[0], tmp_path / "old.db"
    shutil.copyfile(VERSION_1, old)
    with closing(sqlite3.connect(old)) as connection, connection:
        rows = [(f"task {number}", '{"label": "", "reason": "killed"}') for number in range(1000)]
        connection.executemany("INSERT INTO failures VALUES (?, ?, '', '')", rows)
    shutil.copyfile(old, tmp_path / "first.db")
    span_s = 1.2 * time_to_open(writer, tmp_path / "first.db")
    end = time.monotonic() + BUDGET_S / 2
    kills = 0
    while kills < LEAST_KILLS or time.monotonic() < end:
        path = tmp_path / f"{kills}.db"
        shutil.copyfile(old, path)
        writer.start(path, "a-")
        time.sleep(chance.uniform(0.0, span_s))
        said = writer.kill()
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            [count] = connection.execute("SELECT count(*) FROM failures WHERE key NOT LIKE 'a-%'").fetchone()
        assert version == 2 or (version == 1 and not said)
        assert count == 1002
        with Store.open(path) as store:
            assert len([key for key in store.failures() if not key.startswith("a-")]) == 1001
            assert store.plan("plan-1") == make_outcome()
        kills += 1


def test_two_processes_write_to_one_store(tmp_path: Path, writers: tuple[Writer, Writer]) -> None:
    """They make it at the same time, and both want to put the same: each key is put by one of them."""
    count = 6
    for turn in range(4):
        path = tmp_path / f"{turn}.db"
        for writer in writers:
            writer.start(path, "same-", count)
        first, second = (writer.rest() for writer in writers)
        assert len(first) == len(second) == 1 + 5 * count
        for kind in ("plan", "field", "replies", "host"):
            put = [sorted(key for said, key, is_new in lines if said == kind and is_new) for lines in (first, second)]
            assert len(put[0]) + len(put[1]) == count
            assert not set(put[0]) & set(put[1])
        with Store.open(path, create=False) as store:
            assert len(store.keys()) == 2 * count
            for kind, key, _ in first:
                require_whole(store, kind, key)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM failures").fetchone() == (2 * count,)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [f"{turn}.db" for turn in range(4)]
