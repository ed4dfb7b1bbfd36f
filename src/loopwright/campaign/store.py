"""What a campaign has found so far, in one file that outlives every run: see ``Store``.

Runs ask ``has`` before they work on a task and ``put_...`` what it gave; reports read ``plans``, ``fields``, ``hosts``
and ``works``. Keys are the caller's (``keys.content_key``).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from loopwright.campaign.keys import content_key
from loopwright.campaign.plausible import checked_peaks, checked_timings, checked_work
from loopwright.core.campaign import Peaks, PlanOutcome, Timing, Work
from loopwright.core.codec import encode
from loopwright.core.measurement import Environment
from loopwright.core.proposal import Reply
from loopwright.storage.database import Clock, Database, Row, utc_now
from loopwright.storage.replies import StoredReplies
from loopwright.storage.schema import Table


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that has no result yet although it was tried.

    Attributes:
        key: Of the task.
        host: Where it was tried last; "" if a store of version 1 did not say.
        label: The task's name for people.
        reason: Of the last attempt.
        attempts: How often it was tried.
        created_at: UTC time of the last attempt, ISO 8601.
    """

    key: str
    host: str
    label: str
    reason: str
    attempts: int
    created_at: str


@dataclass(frozen=True, slots=True)
class _Reason:
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Machine:
    environment: Environment
    peaks: tuple[Peaks, ...]


def _checked_machine(machine: _Machine) -> _Machine:
    checked_peaks(machine.peaks)
    return machine


class Store:
    """The results of campaigns. Rows are added, never changed; when a ``put`` has returned, the result is kept.

    Two processes may write to one store. A process that is killed leaves whole results only.

    Attributes:
        path: The file.
    """

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self._database = database
        self._replies = StoredReplies(database)

    @classmethod
    def open(cls, path: Path, *, create: bool = True, now: Clock = utc_now) -> Self:
        """Return the store at ``path``; a new one if there is none and ``create`` allows it.

        A file of an older version is brought up to this one. A file that may not be written to can be read.

        Raises:
            UserError: It is not there, not a store, damaged, or of a newer version; it is left byte for byte as it was.
            ToolchainError: It cannot be made there, or is kept busy by another process.
        """
        return cls(Database.open(path, create=create, now=now))

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Read one state inside, whatever other processes add meanwhile; nothing can be put."""
        with self._database.snapshot():
            yield

    def put_plan(self, key: str, host: str, outcome: PlanOutcome) -> bool:
        """Keep an outcome; False, and nothing is done, if ``key`` has one.

        Raises:
            UserError: It is larger than a cell may be.
            ToolchainError: The disk is full, or another process does not let go of the file.
        """
        return self._database.add(Table.PLANS, key, encode(outcome), host=host)

    def put_planned(
        self, key: str, host: str, outcome: PlanOutcome, calls: tuple[tuple[str, tuple[Reply, ...]], ...]
    ) -> bool:
        """Keep an outcome and the replies that it rests on, all or nothing; False, and nothing, if ``key`` has one.

        Apart, a run that is killed between the two would leave replies behind that the next run's outcome does not
        rest on, and a replay would be given these.

        Args:
            key: Of the task.
            host: Where it was worked on.
            outcome: What came of it.
            calls: Key and replies of each call of the model.

        Raises:
            UserError, ToolchainError: As for ``put_plan``.
        """
        with self._database.writing():
            is_first = self.put_plan(key, host, outcome)
            for call, replies in calls if is_first else ():
                self.put_replies(call, outcome.report.model, replies)
        return is_first

    def put_timings(self, key: str, host: str, timings: tuple[Timing, ...]) -> bool:
        """Keep the timings of one field, all of them or none; False, and nothing is done, if ``key`` has some.

        Raises:
            UserError, ToolchainError: As for ``put_plan``.
        """
        return self._database.add(Table.FIELDS, key, encode(timings), host=host)

    def has(self, key: str) -> bool:
        """Return True if the task of ``key`` has a result."""
        return self._database.has(Table.PLANS, key) or self._database.has(Table.FIELDS, key)

    def keys(self) -> frozenset[str]:
        """Return the key of every result."""
        return frozenset(key for table in (Table.PLANS, Table.FIELDS) for _, key in self._database.names(table, "key"))

    def plan(self, key: str) -> PlanOutcome | None:
        """Return an outcome, None if there is none; raises UserError if the row is damaged."""
        row = self._database.latest(Table.PLANS, key)
        return self._database.read(PlanOutcome, row) if row is not None else None

    def timings(self, key: str) -> tuple[Timing, ...] | None:
        """Return the timings of one field, None if there are none; raises UserError if the row is damaged."""
        row = self._database.latest(Table.FIELDS, key)
        return self._database.read(tuple[Timing, ...], row, checked_timings) if row is not None else None

    def plans(self) -> Iterator[tuple[str, str, PlanOutcome]]:
        """Yield key, host and outcome, in the order in which they were put; raises UserError at a damaged row."""
        for row in self._database.rows(Table.PLANS):
            yield row.key, row.owner, self._database.read(PlanOutcome, row)

    def fields(self) -> Iterator[tuple[str, str, tuple[Timing, ...]]]:
        """Yield key, host and timings of each field, in the order in which they were put; see ``plans``."""
        for row in self._database.rows(Table.FIELDS):
            yield row.key, row.owner, self._database.read(tuple[Timing, ...], row, checked_timings)

    def put_host(self, host: str, environment: Environment, peaks: tuple[Peaks, ...]) -> bool:
        """Keep what is known of a host; what is put last counts. False if the same is known already."""
        return self._put_latest(Table.HOSTS, host, _Machine(environment, peaks))

    def hosts(self) -> Iterator[tuple[str, Environment, tuple[Peaks, ...]]]:
        """Yield each host once, with what is known of it."""
        for row in self._database.latest_rows(Table.HOSTS):
            machine = self._database.read(_Machine, row, _checked_machine)
            yield row.key, machine.environment, machine.peaks

    def host_names(self) -> tuple[str, ...]:
        """Return the name of each host, without what is known of it."""
        return tuple(dict.fromkeys(name for _, name in self._database.names(Table.HOSTS, "key")))

    def put_work(self, host: str, work: Work) -> bool:
        """Keep the work of one kernel at one set of sizes; what is put last counts. False if the same is known."""
        key = content_key(host=host, kernel=work.kernel, sizes=work.sizes)
        return self._put_latest(Table.WORKS, key, work, host=host)

    def works(self) -> Iterator[tuple[str, Work]]:
        """Yield host and work, each kernel and set of sizes once per host."""
        for row in self._database.latest_rows(Table.WORKS):
            yield row.owner, self._database.read(Work, row, checked_work)

    def put_spec(self, spec: str) -> bool:
        """Keep what a campaign asks for, as JSON text; False if it was asked for before.

        Raises:
            ValueError: It is not JSON.
        """
        document = json.loads(spec)
        return self._database.add(Table.SPECS, content_key(spec=document), document)

    def specs(self) -> Iterator[str]:
        """Yield what each campaign asked for, as JSON text with sorted keys, in the order in which they were put."""
        for row in self._database.rows(Table.SPECS):
            yield json.dumps(self._database.document(row), sort_keys=True)

    def failure(self, key: str, host: str, label: str, reason: str) -> None:
        """Keep one more attempt at a task that gave no result.

        Args:
            key: Of the task.
            host: Where it was tried.
            label: The task's name for people.
            reason: Why there is none: one line, then the traceback if there is one.
        """
        self._database.add(Table.FAILURES, key, encode(_Reason(label, reason)), host=host)

    def failures(self) -> Mapping[str, Failure]:
        """Return by key the last failure of every task that has no result; earlier ones stay in the file."""
        done = self.keys()
        attempts: dict[str, int] = {}
        for _, key in self._database.names(Table.FAILURES, "key"):
            attempts[key] = attempts.get(key, 0) + 1
        rows = self._database.latest_rows(Table.FAILURES)
        return {row.key: self._failure(row, attempts.get(row.key, 1)) for row in rows if row.key not in done}

    def put_replies(self, call_key: str, model: str, replies: tuple[Reply, ...]) -> bool:
        """Keep a model's replies to one call; False, and nothing is done, if there are some already.

        Args:
            call_key: ``models.replay.call_key`` of the call.
            model: The model's name, as in the key.
            replies: What it said.
        """
        return self._replies.put(call_key, model, replies)

    def replies(self, call_key: str) -> tuple[Reply, ...] | None:
        """Return the replies to one call, None if it was not kept; raises UserError if the row is damaged."""
        return self._replies.find(call_key)

    def all_replies(self) -> Iterator[tuple[str, str, tuple[Reply, ...]]]:
        """Yield call key, model and replies of every call that was kept."""
        return self._replies.all()

    def _failure(self, row: Row, attempts: int) -> Failure:
        said = self._database.read(_Reason, row)
        return Failure(row.key, row.owner, said.label, said.reason, attempts, row.created_at)

    def _put_latest(self, table: Table, key: str, value: _Machine | Work, **owner: str) -> bool:
        with self._database.writing():
            last = self._database.latest(table, key)
            if last is not None and self._database.read(type(value), last) == value:
                return False
            return self._database.add(table, key, encode(value), **owner)
