"""Works on tasks in other processes, here or on many machines, through Dask: see ``Cluster.open``.

Plans may be worked on anywhere; fields only where a worker declares the Dask resource ``clock``, one per machine, so
that two of them never meet. What a plan times, it times under the machine's lock (``toolchain.clock``).
"""

from __future__ import annotations

import time
import traceback
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from loopwright.campaign.cluster_worker import NO_HOST, Assignment, Finished, Order, tell_host, work
from loopwright.campaign.dask_client import CLOCK, CONNECT_S, joined, started
from loopwright.campaign.executor import Deliveries, Done, Host, TaskFailed
from loopwright.campaign.spec import CampaignSpec, FieldTask, Task, task_key
from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.errors import ToolchainError, UserError
from loopwright.pipeline.analysis import Progress

MOST_DEATHS = 3
_LOOK_S = 1.0
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class _Sent:
    """A task that is out: its future, and when it was sent, on the monotonic clock."""

    task: Task
    future: Any
    at: float


class Cluster:
    """An ``Executor`` on Dask workers.

    Use ``open``. It holds processes and connections until it is closed.
    """

    def __init__(self, client: Any, assignment: Assignment, say: Progress, stack: ExitStack) -> None:
        self._client = client
        self._assignment = assignment
        self._say = say
        self._stack = stack
        self._hosts: dict[str, Host] = {}
        self._where: dict[str, str] = {}
        self._sent: dict[str, _Sent] = {}
        self._workers: dict[str, Any] = {}
        self._has_clocks = False

    @classmethod
    def open(
        cls,
        spec: CampaignSpec,
        settings: Settings,
        say: Progress,
        *,
        workers: int = 0,
        address: str | None = None,
        most_deaths: int = MOST_DEATHS,
    ) -> Self:
        """Start a cluster on this machine, or join one.

        Args:
            spec: The campaign.
            settings: For the workers. On other machines, compilers and cache are their own.
            say: Told what is going on.
            workers: Processes of a cluster of our own: on loopback, behind certificates that are made up for it, and
                gone with this process. The first of them has the clock.
            address: Of a running scheduler, ``tcp://host:8786``. It may have no workers yet: waits for the first.
            most_deaths: Workers of our own that a task may outlive; with one more it has failed. A running scheduler
                has its own number.

        Raises:
            UserError: Dask is not installed, nobody answers at ``address``, or both or none of the two are given.
            ToolchainError: The cluster does not start, or its workers cannot work.
        """
        if bool(workers) == bool(address):
            raise UserError(Code.BAD_OPTION, "a campaign runs on --workers of its own or on a --cluster", "give one")
        with ExitStack() as stack:
            if address:
                say(f"joining the cluster at {address}")
                client = stack.enter_context(joined(address))
            else:
                say(f"starting {workers} workers")
                client = stack.enter_context(started(workers, most_deaths))
            cluster = cls(client, Assignment(spec, settings, is_here=not address), say, stack)
            cluster._meet()
            cluster._stack = stack.pop_all()
            return cluster

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Return the machines whose workers have answered so far."""
        return tuple(self._hosts.values())

    @property
    def at_once(self) -> int:
        """Return the number of workers."""
        return max(len(self._workers), 1)

    def has_room(self, task: Task) -> bool:
        """Return True if a worker is free for ``task``; a field that waits for a clock keeps nobody from plans."""
        if not self._sent:
            return True
        clocks = sum(CLOCK in worker["resources"] for worker in self._workers.values()) or len(self._hosts)
        fields = sum(isinstance(sent.task, FieldTask) for sent in self._sent.values())
        if isinstance(task, FieldTask) and fields >= clocks:
            return False
        return len(self._sent) < self.at_once + min(fields, clocks)

    def submit(self, task: Task, deliveries: Deliveries) -> None:
        """Send a task to the scheduler."""
        is_field = isinstance(task, FieldTask)
        key = task_key(task, self._assignment.spec, NO_HOST)
        order = Order(self._assignment, task, tuple(deliveries.items()), key, self.hosts)
        name = f"loopwright-{'field' if is_field else 'plan'}-{uuid4().hex}"
        future = self._client.submit(
            work,
            order,
            key=name,
            pure=False,
            # Clocks are scarce: who has one should not begin another plan.
            priority=int(is_field),
            resources={CLOCK: 1} if is_field and self._has_clocks else None,
        )
        self._sent[name] = _Sent(task, future, time.monotonic())

    def next(self) -> Done | None:
        """Wait for a task to be finished; one whose workers died too often, or that cannot be sent, has failed.

        Raises:
            ToolchainError: The scheduler is gone.
        """
        looked = time.monotonic()
        while self._sent:
            for name, sent in self._sent.items():
                if sent.future.done() and (done := self._done(sent)) is not None:
                    del self._sent[name]
                    return done
            # Not Dask's own wait: it says nothing when there is nobody left to work.
            time.sleep(_PAUSE_S)
            if time.monotonic() - looked > _LOOK_S:
                self._look()
                looked = time.monotonic()
        return None

    def close(self) -> None:
        """Drop what is not finished; end the processes of a cluster of our own. A second call does nothing."""
        for sent in self._sent.values():
            sent.future.release()
        self._sent.clear()
        self._stack.close()

    def _meet(self) -> None:
        """Wait for the first workers, and let one of each machine tell what it is."""
        self._look()
        while not self._workers:
            time.sleep(_LOOK_S)
            self._look()
        self._say("measuring what the machines can do at most")
        asked = {worker["host"]: address for address, worker in self._workers.items()}
        told = {
            machine: self._client.submit(
                tell_host,
                self._assignment,
                key=f"loopwright-host-{uuid4().hex}",
                pure=False,
                workers=[address],
                allow_other_workers=True,  # that one may be gone
            )
            for machine, address in asked.items()
        }
        for machine, future in told.items():
            error = future.exception()
            host = future.result() if error is None else TaskFailed(f"{type(error).__name__}: {error}")
            if isinstance(host, TaskFailed):
                hint = "workers need the same loopwright and Dask as here"
                raise ToolchainError(Code.CLUSTER_UNAVAILABLE, f"{machine} cannot take part: {host.reason}", hint)
            self._note(machine, host)

    def _look(self) -> None:
        """Look who is there; raises ToolchainError if the scheduler is not."""
        try:
            self._workers = self._client.scheduler_info()["workers"]
        except (OSError, TimeoutError):
            if self._client.status == "closed":
                raise _lost() from None
            self._say("the scheduler does not answer; trying again")
            return
        # Who has one may be gone for a while: fields then wait.
        self._has_clocks |= any(CLOCK in worker["resources"] for worker in self._workers.values())
        if not self._workers:
            self._say(f"waiting for a worker: dask worker {self._client.scheduler.address} --nthreads 1")

    def _done(self, sent: _Sent) -> Done | None:
        """Return what a future that is done stands for; None if its worker took the result along when it died."""
        elapsed_s = time.monotonic() - sent.at
        if sent.future.cancelled():
            raise _lost()
        with suppress(TimeoutError):
            error = sent.future.exception(timeout=CONNECT_S)
            finished = sent.future.result(timeout=CONNECT_S) if error is None else _failure(error)
            if isinstance(finished, Finished):
                self._hosts.setdefault(finished.host.id, finished.host)
                return finished.done
            machine = getattr(getattr(error, "last_worker", None), "host", "")
            return Done(sent.task, self._where.get(machine, next(iter(self._hosts))), finished, elapsed_s)
        return None

    def _note(self, machine: str, host: Host) -> None:
        self._hosts[host.id] = host
        self._where[machine] = host.id


def _failure(error: BaseException) -> TaskFailed:
    if type(error).__name__ == "KilledWorker":
        deaths, last = getattr(error, "allowed_failures", 0) + 1, getattr(error, "last_worker", None)
        return TaskFailed(f"workers died while working on it: {deaths}, the last at {getattr(last, 'address', '')}")
    return TaskFailed(f"{type(error).__name__}: {error}"[:300], "".join(traceback.format_exception(error)))


def _lost() -> ToolchainError:
    return ToolchainError(
        Code.CLUSTER_UNAVAILABLE, "the cluster's scheduler is gone", "what is stored stays: go on with --resume"
    )
