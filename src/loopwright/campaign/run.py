"""Runs a campaign: hands out the tasks that have no result yet, and stores each result before the next one."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean

from loopwright.campaign.executor import Deliveries, Done, Executor, TaskFailed
from loopwright.campaign.spec import CampaignSpec, FieldTask, KernelFile, PlanTask, Task, task_key
from loopwright.campaign.station import Planned
from loopwright.campaign.store import Store
from loopwright.core.campaign import PlanOutcome
from loopwright.core.codec import encode

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of a campaign did: tasks that gave a result, that failed, and that had a result already."""

    finished: int
    failed: int
    found: int


def run_campaign(spec: CampaignSpec, store: Store, executor: Executor, say: Progress) -> Ran:
    """Work on every task of ``spec`` that has no result in ``store``; a task that failed before is tried again.

    Each result is in the store before the next one is looked at, so that a run that is killed loses at most what was
    being worked on. The fields of a kernel wait for its plans.

    Args:
        spec: What is asked for.
        store: Where results are looked up and kept.
        executor: Who works.
        say: Told what is going on, with the time that is left.
    """
    declare(spec, store)
    return _Campaign(spec, store, executor, say).run()


def declare(spec: CampaignSpec, store: Store) -> None:
    """Keep what is asked for, so that a run that gets no further can be taken up; nothing is done a second time."""
    store.put_spec(json.dumps(encode(spec), sort_keys=True))


class _Campaign:
    def __init__(self, spec: CampaignSpec, store: Store, executor: Executor, say: Progress) -> None:
        self._spec = spec
        self._store = store
        self._executor = executor
        self._say = say
        self._hosts: set[str] = set()
        self._delivered: dict[PlanTask, bytes] = {}
        self._unplanned: dict[KernelFile, list[PlanTask]] = {}
        self._waiting: dict[KernelFile, list[FieldTask]] = {}
        self._elsewhere: dict[str, int] = {}
        # Fields go before plans of further kernels, in the order of their kernels: a station knows one at a time.
        self._fields: deque[FieldTask] = deque()
        self._plans: deque[PlanTask] = deque()
        self._found = self._finished = self._failed = 0
        self._left = {PlanTask: 0, FieldTask: 0}
        self._taken_s: dict[type, list[float]] = {PlanTask: [], FieldTask: []}

    def run(self) -> Ran:
        self._keep_hosts()
        hosts = tuple(dict.fromkeys((*(host.id for host in self._executor.hosts), *self._store.host_names())))
        for task in self._spec.tasks():
            self._sort_in(task, hosts)
        for host, count in self._elsewhere.items():
            self._say(
                f"warning: {count} results are of {host}, which is none of this run's machines as they are now; they"
                " are not taken again: name another --store to measure here"
            )
        for kernel in self._spec.kernels:
            plans = self._unplanned.get(kernel)
            if plans:
                self._plans.extend(plans)
            else:
                self._fields.extend(self._waiting.pop(kernel, []))
        while True:
            # No more than can be worked on: more important tasks may come up meanwhile.
            while (queue := next(filter(self._has_room, (self._fields, self._plans)), None)) is not None:
                self._submit(queue.popleft())
            done = self._executor.next()
            if done is None:
                return Ran(self._finished, self._failed, self._found)
            self._keep(done)

    def _keep_hosts(self) -> None:
        """Store the machines that were not known yet: more may have come to the executor."""
        for host in self._executor.hosts:
            if host.id not in self._hosts:
                self._store.put_host(host.id, host.environment, host.peaks)
                self._hosts.add(host.id)

    def _sort_in(self, task: Task, hosts: tuple[str, ...]) -> None:
        keys = [task_key(task, self._spec, host) for host in hosts]
        key, where = next(
            ((key, host) for key, host in zip(keys, hosts, strict=True) if self._store.has(key)), (None, "")
        )
        if key is not None:
            self._found += 1
            if where not in {host.id for host in self._executor.hosts}:
                self._elsewhere[where] = self._elsewhere.get(where, 0) + 1
        else:
            self._left[type(task)] += 1
        match task:
            case PlanTask():
                outcome = self._store.plan(key) if key is not None else None
                if outcome is not None:
                    self._note(task, outcome)
                else:
                    self._unplanned.setdefault(task.kernel, []).append(task)
            case FieldTask():
                if key is None:
                    self._waiting.setdefault(task.kernel, []).append(task)

    def _has_room(self, queue: deque[FieldTask] | deque[PlanTask]) -> bool:
        return bool(queue) and self._executor.has_room(queue[0])

    def _submit(self, task: Task) -> None:
        deliveries: Deliveries = {}
        if isinstance(task, FieldTask):
            deliveries = {plan: self._delivered[plan] for plan in task.plans if plan in self._delivered}
        self._say(f"{task.label}{self._time_left()}")
        self._executor.submit(task, deliveries)

    def _keep(self, done: Done) -> None:
        self._keep_hosts()
        task = done.task
        key = task_key(task, self._spec, done.host)
        self._left[type(task)] -= 1
        self._taken_s[type(task)].append(done.elapsed_s)
        if isinstance(done.result, TaskFailed):
            self._failed += 1
            self._store.failure(key, done.host, task.label, f"{done.result.reason}\n{done.result.traceback}".strip())
            self._say(f"warning: {task.label}: {done.result.reason}")
        elif isinstance(done.result, Planned):
            self._finished += 1
            is_first = self._store.put_planned(key, done.host, done.result.outcome, done.result.calls)
            # Another run on this store may have been first: what is timed is what is stored.
            outcome = done.result.outcome if is_first else self._store.plan(key)
            if outcome is not None:
                self._note(task, outcome)
        else:
            self._finished += 1
            self._store.put_work(done.host, done.result.work)
            self._store.put_timings(key, done.host, done.result.timings)
        if isinstance(task, PlanTask):
            self._release(task)

    def _release(self, task: PlanTask) -> None:
        """Note that ``task`` is over; the last one of its kernel lets the fields go."""
        unplanned = self._unplanned[task.kernel]
        unplanned.remove(task)
        if not unplanned:
            self._fields.extend(self._waiting.pop(task.kernel, []))

    def _note(self, task: Task, outcome: PlanOutcome) -> None:
        if isinstance(task, PlanTask) and outcome.is_delivered:
            self._delivered[task] = outcome.content

    def _time_left(self) -> str:
        """Return the time that the rest will take if it goes on as so far; nothing before both kinds have been seen."""
        if any(left and not self._taken_s[kind] for kind, left in self._left.items()):
            return ""
        left_s = sum(left * mean(self._taken_s[kind]) for kind, left in self._left.items() if left)
        return f" (about {max(1, round(left_s / 60 / self._executor.at_once))} min left)"
