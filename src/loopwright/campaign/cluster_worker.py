"""What a worker process of a cluster does: it keeps a station per campaign, and works on the orders that it is sent.

Needs nothing of Dask: ``work`` and ``tell_host`` are functions of plain values, which the cluster calls by name.
"""

from __future__ import annotations

import atexit
import threading
import time
from dataclasses import dataclass, replace

from loopwright.campaign.executor import Done, Host, TaskFailed, this_host, work_on
from loopwright.campaign.spec import CampaignSpec, PlanTask, Task, task_key
from loopwright.campaign.station import Station
from loopwright.config import Settings, from_environment
from loopwright.errors import LoopwrightError
from loopwright.models.base import silent

NO_HOST = ""
"""In place of a host's id in the key by which both ends see that they mean the same task."""

IDLE_S = 120.0
"""Without an order for this long, models and builds are let go: nobody tells a worker that a campaign is over."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker must know of a campaign.

    Attributes:
        spec: Of the campaign.
        settings: Their ``api_key`` travels over the cluster's connection; it is not stored, and no ``repr`` shows it.
        is_here: The worker runs where the campaign was started. Else compilers and cache are the worker's own.
    """

    spec: CampaignSpec
    settings: Settings
    is_here: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A task to work on.

    Attributes:
        assignment: What it belongs to.
        task: What to do.
        deliveries: Files of its plans, for a field.
        key: Of the task, for ``NO_HOST``, as whoever sent it computed it.
        hosts: Machines that are known already, and need not be measured again.
    """

    assignment: Assignment
    task: Task
    deliveries: tuple[tuple[PlanTask, bytes], ...]
    key: str
    hosts: tuple[Host, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """A task that is done, and the machine that it was done on."""

    done: Done
    host: Host


def work(order: Order) -> Finished | TaskFailed:
    """Return what became of a task; without a machine, if this one cannot take part."""
    try:
        return _desk(order.assignment).work(order)
    except LoopwrightError as error:
        return TaskFailed(error.one_line())


def tell_host(assignment: Assignment) -> Host | TaskFailed:
    """Return what this machine is and can do at most, or why it cannot take part."""
    try:
        return _desk(assignment).host()
    except LoopwrightError as error:
        return TaskFailed(error.one_line())


_desks: dict[Assignment, _Desk] = {}
_desks_lock = threading.Lock()


def _desk(assignment: Assignment) -> _Desk:
    with _desks_lock:
        if assignment not in _desks:
            _desks[assignment] = _Desk(assignment)
        return _desks[assignment]


class _Desk:
    """One campaign in this process: a station, used by one thread at a time, and closed when it has been idle."""

    def __init__(self, assignment: Assignment) -> None:
        settings = assignment.settings
        if not assignment.is_here:
            own = from_environment()
            settings = replace(settings, cache=own.cache, gcc=own.gcc, clang=own.clang)
        self._spec = assignment.spec
        self._settings = settings
        self._station = Station(settings, assignment.spec.limits, silent)
        self._host: Host | None = None
        self._lock = threading.Lock()
        self._idle: threading.Timer | None = None
        atexit.register(self._rest)

    def host(self) -> Host:
        with self._lock:
            return self._require_host(())

    def work(self, order: Order) -> Finished:
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            host = self._require_host(order.hosts)
            start = time.monotonic()
            if task_key(order.task, self._spec, NO_HOST) == order.key:
                result = work_on(self._station, order.task, dict(order.deliveries))
            else:
                path = order.task.kernel.path
                result = TaskFailed(f"{path} and what lies beside it, or loopwright itself, are not the same there")
            self._idle = threading.Timer(IDLE_S, self._rest)
            self._idle.daemon = True
            self._idle.start()
            return Finished(Done(order.task, host.id, result, time.monotonic() - start), host)

    def _require_host(self, known: tuple[Host, ...]) -> Host:
        if self._host is None:
            self._host = this_host(self._spec, self._settings, silent, known)
        return self._host

    def _rest(self) -> None:
        """Let everything go, unless there is work; the next order opens it again."""
        if self._lock.acquire(blocking=False):
            try:
                self._station.close()
            finally:
                self._lock.release()
