from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loopwright.campaign.store import Failure, Store
from loopwright.core.campaign import PlanOutcome
from loopwright.core.codes import Code
from loopwright.core.report import OptimizeReport
from loopwright.errors import UserError
from stored_values import (
    HOST,
    make_environment,
    make_outcome,
    make_peaks,
    make_reply,
    make_timing,
    make_timings,
    make_work,
)

VERSION_1 = Path(__file__).parents[1] / "storage" / "version-1.db"
NOON = datetime(2025, 2, 3, 12, tzinfo=UTC)


def test_outcomes_survive_the_round_trip(tmp_path: Path, optimize_report: OptimizeReport) -> None:
    path = tmp_path / "results.db"
    full = PlanOutcome("heat", "tiny", "tot", 3, optimize_report, bytes(range(256)) * 100)
    small = make_outcome()
    with Store.open(path) as store:
        assert store.put_plan("a", HOST, full)
        assert store.put_plan("b", HOST, small)
    with Store.open(path, create=False) as store:
        assert store.path == path
        assert store.plan("a") == full
        assert list(store.plans()) == [("a", HOST, full), ("b", HOST, small)]
        assert store.plan("c") is None


def test_timings_survive_the_round_trip(tmp_path: Path) -> None:
    timings = make_timings()
    odd = replace(make_timing(), median=1e-300, reason='\0 "quotes" \udc80 é\n')
    with Store.open(tmp_path / "results.db") as store:
        assert store.put_timings("a", HOST, timings)
        assert store.put_timings("b", "other", (odd,))
        assert store.put_timings("c", HOST, ())
        assert store.timings("a") == timings
        assert list(store.fields()) == [("a", HOST, timings), ("b", "other", (odd,)), ("c", HOST, ())]
        assert store.timings("d") is None


def test_nothing_is_done_twice(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.db") as store:
        assert store.put_plan("a", HOST, make_outcome())
        assert not store.put_plan("a", "other", make_outcome("fft"))
        assert store.put_timings("b", HOST, make_timings())
        assert not store.put_timings("b", HOST, ())
        assert list(store.plans()) == [("a", HOST, make_outcome())]
        assert list(store.fields()) == [("b", HOST, make_timings())]
        assert (store.has("a"), store.has("b"), store.has("c")) == (True, True, False)
        assert store.keys() == {"a", "b"}


def test_hosts_and_works(tmp_path: Path) -> None:
    environment, peaks = make_environment(), (make_peaks(1), make_peaks(2))
    with Store.open(tmp_path / "results.db") as store:
        assert store.put_host(HOST, environment, ())
        assert store.put_host("other", make_environment(8), peaks)
        assert store.put_host(HOST, environment, peaks)
        assert not store.put_host(HOST, environment, peaks)
        assert list(store.hosts()) == [("other", make_environment(8), peaks), (HOST, environment, peaks)]
        assert sorted(store.host_names()) == sorted(("other", HOST))
        unknown, counted = make_work(flops=None), make_work()
        assert store.put_work(HOST, unknown)
        assert store.put_work(HOST, counted)
        assert not store.put_work(HOST, counted)
        assert store.put_work("other", unknown)
        assert store.put_work(HOST, replace(counted, sizes=()))
        assert list(store.works()) == [(HOST, counted), ("other", unknown), (HOST, replace(counted, sizes=()))]


def test_specs(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.db") as store:
        assert not list(store.specs())
        assert store.put_spec('{"kernels": ["fft"], "a": 1}')
        assert not store.put_spec('{"a":1, "kernels":["fft"]}')
        assert store.put_spec("[]")
        assert list(store.specs()) == ['{"a": 1, "kernels": ["fft"]}', "[]"]
        with pytest.raises(ValueError, match="Expecting"):
            store.put_spec("{")


def test_a_failure_stays_until_there_is_a_result_and_then_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    with Store.open(path, now=lambda: NOON) as store:
        store.failure("a", HOST, "fft: tot", "killed")
        store.failure("b", HOST, "heat: tot", "no compiler")
        store.failure("a", "other", "fft: tot", "out of memory \udc80\nTraceback ...")
        assert not store.has("a")
        again = Failure(
            "a", "other", "fft: tot", "out of memory \udc80\nTraceback ...", 2, "2025-02-03T12:00:00.000+00:00"
        )
        assert store.failures()["a"] == again
        assert sorted(store.failures()) == ["a", "b"]
        store.put_plan("a", HOST, make_outcome())
        store.put_timings("b", HOST, ())
        assert not store.failures()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT key FROM failures ORDER BY id").fetchall() == [("a",), ("b",), ("a",)]


def test_replies(tmp_path: Path) -> None:
    first, second = (make_reply("one"), make_reply("two")), (make_reply("\0\udc80", "other", 1e-300),)
    with Store.open(tmp_path / "results.db") as store:
        assert store.put_replies("call 1", "tiny", first)
        assert not store.put_replies("call 1", "tiny", second)
        assert store.put_replies("call 2", "other", second)
        assert store.replies("call 1") == first
        assert store.replies("call 2") == second
        assert store.replies("call 3") is None
        assert list(store.all_replies()) == [("call 1", "tiny", first), ("call 2", "other", second)]


def test_a_store_of_version_1_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    shutil.copyfile(VERSION_1, path)
    with Store.open(path, create=False, now=lambda: NOON) as store:
        assert list(store.plans()) == [("plan-1", HOST, make_outcome())]
        assert list(store.fields()) == [("field-1", HOST, make_timings())]
        assert list(store.hosts()) == [(HOST, make_environment(), (make_peaks(1), make_peaks(2)))]
        assert list(store.works()) == [(HOST, make_work())]
        assert not store.put_work(HOST, make_work())
        assert list(store.specs()) == ['{"kernels": ["matmul"]}']
        assert not store.put_spec('{"kernels": ["matmul"]}')
        assert store.replies("call-1") == (make_reply(),)
        assert store.replies("call-2") == (make_reply("no", "embedded"),)
        # field-1 has a result by now. Version 1 had room for one failure of a task, this one has for each.
        [failure] = store.failures().values()
        assert (failure.key, failure.host, failure.attempts) == ("field-2", "", 1)
        store.failure("field-2", HOST, failure.label, "killed")
        assert store.failures()["field-2"].attempts == 2


class Damage:
    """What somebody may have written into the cell of a row."""

    WRONG_JSON = "{"
    CODE = "__import__('os').system('touch owned')"
    PICKLE = b"cos\nsystem\n(S'touch owned'\ntR."
    NULLS = "\0\0\0"
    NUMBER = 7
    OTHER_VALUE = '{"step": "timing", "kernel": "fft"}'
    OTHER_TYPE = zlib.compress(json.dumps([["a"] * 9]).encode())
    DEEP = "[" * 200_000 + "]" * 200_000
    UNKNOWN_FIELD = '{"surprise": 1}'


READERS: dict[str, Callable[[Store], object]] = {
    "plans": lambda store: list(store.plans()),
    "fields": lambda store: list(store.fields()),
    "hosts": lambda store: list(store.hosts()),
    "works": lambda store: list(store.works()),
    "failures": lambda store: store.failures(),
    "replies": lambda store: store.replies("bad"),
}


@pytest.mark.parametrize("table", READERS)
@pytest.mark.parametrize("damage", [name for name in vars(Damage) if name.isupper()])
def test_a_damaged_row_is_named(tmp_path: Path, table: str, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "results.db"
    with Store.open(path) as store:
        store.put_plan("good", HOST, make_outcome())
        store.put_timings("good", HOST, make_timings())
    cell: object = getattr(Damage, damage)
    with closing(sqlite3.connect(path)) as connection, connection:
        if table == "hosts":
            statement = "INSERT INTO hosts (key, value, created_at, version) VALUES ('bad', ?, '', '')"
        else:
            owner = "model" if table == "replies" else "host"
            statement = f"INSERT INTO {table} (key, {owner}, value, created_at, version) VALUES ('bad', '', ?, '', '')"
        number = connection.execute(statement, (cell,)).lastrowid
    with Store.open(path) as store:
        with pytest.raises(UserError, match=f"row {number} of {table}, 'bad'") as caught:
            READERS[table](store)
        assert caught.value.code is Code.CANNOT_READ
        assert len(caught.value.one_line()) < 700
        assert store.plan("good") == make_outcome()
        assert store.timings("good") == make_timings()
    assert not (tmp_path / "owned").exists()


def test_a_damaged_spec_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO specs (key, value, created_at, version) VALUES (x'1b5b41', 'nonsense', '', '')")
    with Store.open(path) as store, pytest.raises(UserError, match="row 1 of specs") as caught:
        list(store.specs())
    assert "\x1b" not in caught.value.one_line()
