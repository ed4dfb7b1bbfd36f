"""Who works on tasks: an ``Executor`` takes them and gives results back, in this process or on other machines."""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from loopwright.campaign.spec import CampaignSpec, FieldTask, PlanTask, Task, host_id
from loopwright.campaign.station import Measured, Planned, Station
from loopwright.config import Settings
from loopwright.core.campaign import Peaks
from loopwright.core.measurement import Environment
from loopwright.errors import LoopwrightError
from loopwright.measure.peaks import measure_peaks
from loopwright.pipeline.analysis import Progress
from loopwright.toolchain.clock import timing
from loopwright.toolchain.host import describe_host

# Of the plans that deliver something, the delivered files: all that a field needs, and small enough to be sent.
Deliveries = Mapping[PlanTask, bytes]


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A task that gave no result: one line, and the traceback where the fault is ours."""

    reason: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of the campaign: its id, its facts, and what it can do at most."""

    id: str
    environment: Environment
    peaks: tuple[Peaks, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A task with its result, where it was worked on, and for how long."""

    task: Task
    host: str
    result: Planned | Measured | TaskFailed
    elapsed_s: float


class Executor(Protocol):
    """Takes tasks and gives results, in whatever order they are finished."""

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Return the machines that it works on, as far as they are known: there may be more later."""
        ...

    @property
    def at_once(self) -> int:
        """Return how many tasks are worked on at the same time."""
        ...

    def has_room(self, task: Task) -> bool:
        """Return True if ``task`` would be begun soon; always, if nothing is being worked on."""
        ...

    def submit(self, task: Task, deliveries: Deliveries) -> None:
        """Take a task; ``deliveries`` are the files of its plans, for a field."""
        ...

    def next(self) -> Done | None:
        """Return the next finished task; None if nothing is left."""
        ...

    def close(self) -> None:
        """Let go of everything; what is not finished is dropped."""
        ...


def this_host(spec: CampaignSpec, settings: Settings, say: Progress, known: tuple[Host, ...] = ()) -> Host:
    """Return this machine; its peaks are measured once, and remembered. If it is ``known``, there is nothing to do."""
    environment = describe_host(settings)
    name = host_id(environment)
    found = next((host for host in known if host.id == name), None)
    if found is not None:
        return found
    say("measuring what this machine can do at most")
    with timing(settings.cache, say):
        peaks = measure_peaks(settings, tuple(sorted({1, max(spec.threads)})))
    return Host(name, environment, peaks)


def work_on(station: Station, task: Task, deliveries: Deliveries) -> Planned | Measured | TaskFailed:
    """Return what became of ``task``; the one place where any exception is an answer (STYLE.md, errors)."""
    try:
        match task:
            case PlanTask():
                return station.plan(task)
            case FieldTask():
                return station.field(task, deliveries)
    except LoopwrightError as error:
        return TaskFailed(error.one_line())
    except Exception as error:
        return TaskFailed(f"{type(error).__name__}: {error}"[:300], traceback.format_exc())


class Local:
    """Works in this process, one task at a time, in the order in which they came."""

    def __init__(self, spec: CampaignSpec, settings: Settings, say: Progress) -> None:
        self._host = this_host(spec, settings, say)
        self._station = Station(settings, spec.limits, say)
        self._queue: deque[tuple[Task, Deliveries]] = deque()

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Return this machine."""
        return (self._host,)

    @property
    def at_once(self) -> int:
        """Return 1: whatever else ran would disturb the clock."""
        return 1

    def has_room(self, task: Task) -> bool:
        """Return True if nothing is queued, whatever the task."""
        return not self._queue

    def submit(self, task: Task, deliveries: Deliveries) -> None:
        """Queue a task."""
        self._queue.append((task, deliveries))

    def next(self) -> Done | None:
        """Work on the first task of the queue."""
        if not self._queue:
            return None
        task, deliveries = self._queue.popleft()
        start = time.monotonic()
        result = work_on(self._station, task, deliveries)
        return Done(task, self._host.id, result, time.monotonic() - start)

    def close(self) -> None:
        """Close the station's models and workbenches."""
        self._station.close()
