"""The order of tasks, what is stored when, what a second run does, and what a failure costs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from loopwright.campaign.executor import Deliveries, Done, Host, TaskFailed
from loopwright.campaign.run import Ran, run_campaign
from loopwright.campaign.spec import CampaignSpec, FieldTask, PlanTask, Task, find_kernels
from loopwright.campaign.station import Measured, Planned
from loopwright.campaign.status import status_of
from loopwright.campaign.store import Store
from loopwright.core.campaign import MethodKind, PlanOutcome, Timing, Work
from loopwright.core.codes import Code
from loopwright.core.measurement import Environment, Series
from loopwright.core.proposal import Reply
from loopwright.core.report import NestOutcome, NestReport, OptimizeReport
from loopwright.errors import UserError

SOURCE = "void scale(int n, double *a)\n{\n    for (int i = 0; i < n; i++)\n        a[i] *= 2.0;\n}\n"
ENVIRONMENT = Environment("Test", 2, 1, 2, 3, 4, "Linux", ())
HOST = Host("here", ENVIRONMENT, ())


class Scripted:
    """Gives made-up results at once, in order; fails the tasks whose label holds ``failing``; stops after ``most``."""

    def __init__(self, failing: str = "never", most: int = 10**6, at_once: int = 1) -> None:
        self.hosts: tuple[Host, ...] = (HOST,)
        self.at_once = at_once
        self.worked: list[str] = []
        self._failing = failing
        self._most = most
        self._queue: deque[tuple[Task, Deliveries]] = deque()

    def has_room(self, task: Task) -> bool:
        return len(self._queue) < self.at_once

    def submit(self, task: Task, deliveries: Deliveries) -> None:
        self._queue.append((task, deliveries))

    def next(self) -> Done | None:
        if not self._queue:
            return None
        if len(self.worked) == self._most:
            raise KeyboardInterrupt
        task, deliveries = self._queue.popleft()
        self.worked.append(task.label)
        return Done(task, HOST.id, self._result(task, deliveries), 60.0)

    def close(self) -> None:
        """Nothing is open."""

    def _result(self, task: Task, deliveries: Deliveries) -> Planned | Measured | TaskFailed:
        if self._failing in task.label:
            return TaskFailed("it broke", "Traceback ...")
        match task:
            case PlanTask():
                report = OptimizeReport("k.c", (), "", ENVIRONMENT, task.model, task.strategy, 0, 1.0)
                outcome = PlanOutcome(task.kernel.name, task.model, task.strategy, 0, report, b"text")
                return Planned(outcome, ((f"call {task.label}", (Reply("{}", 1, 1, None, 0.1, task.model),)),))
            case FieldTask():
                assert {plan.kernel for plan in deliveries} <= {task.kernel}
                series = Series("gcc", (1.0,), (1.0,))
                name = task.kernel.name
                timings = (
                    Timing(name, "gcc-O3", MethodKind.SERIAL, task.sizes, task.threads, series, 1.0, 1.0, 1.0),
                    Timing(name, "icx", MethodKind.COMPILER, task.sizes, task.threads, reason="not installed"),
                    Timing(name, "polly", MethodKind.COMPILER, task.sizes, task.threads, failure=Code.CRASHED),
                )
                return Measured(timings, Work(name, task.sizes, 1, 1, "isl"))


@pytest.fixture
def spec(tmp_path: Path) -> CampaignSpec:
    for name in ("alpha", "beta"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kernel.c").write_text(SOURCE)
    return CampaignSpec(
        find_kernels((), tmp_path),
        models=("none", "embedded"),
        strategies=("zero-shot",),
        baselines=("gcc-O3", "icx", "polly"),
        sizes=("measure",),
        threads=(2,),
    )


def run(spec: CampaignSpec, path: Path, executor: Scripted, said: list[str] | None = None) -> Ran:
    with Store.open(path) as store:
        return run_campaign(spec, store, executor, (said if said is not None else []).append)


def test_a_kernel_is_finished_before_the_next_begins(spec: CampaignSpec, tmp_path: Path) -> None:
    executor = Scripted()
    said: list[str] = []
    assert run(spec, tmp_path / "s.db", executor, said) == Ran(6, 0, 0)
    assert [label.partition(":")[0] for label in executor.worked] == ["alpha"] * 3 + ["beta"] * 3
    assert executor.worked[2].endswith("2 threads")
    assert said[-1].endswith("(about 1 min left)")
    with Store.open(tmp_path / "s.db") as store:
        assert len(list(store.plans())) == 4
        assert len(list(store.fields())) == 2
        status = status_of(store)
    assert (status.evaluations, status.complete, status.absent, status.failed, status.pending) == (8, 8, 2, 0, 0)


def test_a_second_run_does_nothing_twice(spec: CampaignSpec, tmp_path: Path) -> None:
    run(spec, tmp_path / "s.db", Scripted())
    again = Scripted()
    assert run(spec, tmp_path / "s.db", again) == Ran(0, 0, 6)
    assert again.worked == []


@pytest.mark.parametrize("most", range(1, 6))
def test_an_interrupted_run_is_finished_by_the_next(spec: CampaignSpec, tmp_path: Path, most: int) -> None:
    first, second = Scripted(most=most), Scripted()
    with pytest.raises(KeyboardInterrupt):
        run(spec, tmp_path / "s.db", first)
    with Store.open(tmp_path / "s.db") as store:
        assert status_of(store).pending > 0
    assert run(spec, tmp_path / "s.db", second) == Ran(6 - most, 0, most)
    assert sorted(first.worked + second.worked) == sorted(task.label for task in spec.tasks())


def test_a_failure_is_stored_and_tried_again(spec: CampaignSpec, tmp_path: Path) -> None:
    said: list[str] = []
    assert run(spec, tmp_path / "s.db", Scripted(failing="alpha: loopwright:embedded"), said) == Ran(5, 1, 0)
    assert any(line.startswith("warning: ") and "it broke" in line for line in said)
    with Store.open(tmp_path / "s.db") as store:
        status = status_of(store)
        assert status.failed == 1
        [told] = status.failures
        assert (told.task, told.attempts) == ("alpha: loopwright:embedded/zero-shot", 1)
        assert "it broke" in told.reason
        assert "\n" not in told.reason
        [failure] = store.failures().values()
        assert "Traceback" in failure.reason
    again = Scripted()
    assert run(spec, tmp_path / "s.db", again) == Ran(1, 0, 5)
    assert again.worked == ["alpha: loopwright:embedded/zero-shot"]


def test_several_at_once_do_everything_once(spec: CampaignSpec, tmp_path: Path) -> None:
    executor = Scripted(at_once=3)
    assert run(spec, tmp_path / "s.db", executor) == Ran(6, 0, 0)
    assert sorted(executor.worked) == sorted(task.label for task in spec.tasks())


def test_replies_are_kept(spec: CampaignSpec, tmp_path: Path) -> None:
    run(spec, tmp_path / "s.db", Scripted())
    with Store.open(tmp_path / "s.db") as store:
        assert store.replies("call alpha: loopwright:embedded/zero-shot")


class Growing(Scripted):
    """A second host joins with the third result, and gives all results from then on."""

    def next(self) -> Done | None:
        done = super().next()
        if done is None or len(self.worked) < 3:
            return done
        late = Host("late", ENVIRONMENT, ())
        self.hosts = (HOST, late)
        return Done(done.task, late.id, done.result, done.elapsed_s)


def test_a_host_that_joins_later_is_stored_with_its_results(spec: CampaignSpec, tmp_path: Path) -> None:
    assert run(spec, tmp_path / "s.db", Growing(at_once=2)) == Ran(6, 0, 0)
    with Store.open(tmp_path / "s.db") as store:
        assert store.host_names() == ("here", "late")
        assert [host for _, host, _ in (*store.plans(), *store.fields())].count("late") == 4
        assert status_of(store).pending == 0
    assert run(spec, tmp_path / "s.db", Scripted()) == Ran(0, 0, 6)


class OneField(Scripted):
    """Takes two tasks, but never two fields."""

    def has_room(self, task: Task) -> bool:
        fields = sum(isinstance(queued, FieldTask) for queued, _ in self._queue)
        return super().has_room(task) and not (fields and isinstance(task, FieldTask))


def test_plans_pass_fields_that_have_no_room(spec: CampaignSpec, tmp_path: Path) -> None:
    spec = replace(spec, threads=(1, 2))
    executor = OneField(at_once=2)
    assert run(spec, tmp_path / "s.db", executor) == Ran(8, 0, 0)
    kinds = ["thread" if "thread" in label else "plan" for label in executor.worked]
    assert kinds[:6] == ["plan", "plan", "plan", "thread", "plan", "thread"]


class Delivering(Scripted):
    """Delivers a file that says whose it is; before each plan ``before`` is called; notes what fields are given."""

    def __init__(self, mine: str, before: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.given: list[bytes] = []
        self._mine, self._before = mine, before

    def _result(self, task: Task, deliveries: Deliveries) -> Planned | Measured | TaskFailed:
        result = super()._result(task, deliveries)
        if not isinstance(result, Planned):
            self.given += deliveries.values()
            return result
        self._before()
        nest = NestReport("f:1", "f", 1, NestOutcome.DELIVERED)
        report = replace(result.outcome.report, nests=(nest,))
        outcome = replace(result.outcome, report=report, content=self._mine.encode())
        reply = Reply(self._mine, 1, 1, None, 0.1, outcome.model)
        return Planned(outcome, ((f"call {task.label}", (reply,)),))


def test_of_two_runs_on_a_store_the_plan_that_is_stored_is_timed(spec: CampaignSpec, tmp_path: Path) -> None:
    spec = replace(spec, kernels=spec.kernels[:1], models=("embedded",))
    path = tmp_path / "s.db"
    plans_only = replace(spec, sizes=())
    second = Delivering("second", lambda: run(plans_only, path, Delivering("first")) and None)
    run(spec, path, second)
    with Store.open(path) as store:
        [(key, _, outcome)] = store.plans()
        replies = store.replies("call alpha: loopwright:embedded/zero-shot")
        assert not store.put_planned(key, "here", outcome, (("orphan", replies or ()),))
        assert store.replies("orphan") is None
    assert outcome.content == b"first"
    assert replies is not None
    assert replies[0].text == "first"
    assert second.given == [b"first"]


def test_an_outcome_and_its_replies_are_kept_together(spec: CampaignSpec, tmp_path: Path) -> None:
    """Where the second of two rows cannot be kept, the first is not there either."""
    [task, *_] = [task for task in spec.tasks() if isinstance(task, PlanTask)]
    executor = Delivering("mine")
    executor.submit(task, {})
    done = executor.next()
    assert done is not None
    planned = done.result
    assert isinstance(planned, Planned)
    with Store.open(tmp_path / "s.db") as store:
        with pytest.raises(UserError):
            store.put_planned("key", "here", planned.outcome, (*planned.calls, ("\ud800", planned.calls[0][1])))
        assert not store.has("key")
        assert list(store.all_replies()) == []


def test_results_of_another_machine_are_said_to_be(spec: CampaignSpec, tmp_path: Path) -> None:
    run(spec, tmp_path / "s.db", Scripted())
    upgraded = Scripted()
    upgraded.hosts = (Host("here with gcc 15", ENVIRONMENT, ()),)
    said: list[str] = []
    assert run(spec, tmp_path / "s.db", upgraded, said) == Ran(0, 0, 6)
    assert [line for line in said if line.startswith("warning: 6 results are of here,")]
    said.clear()
    run(spec, tmp_path / "s.db", Scripted(), said)
    assert not [line for line in said if line.startswith("warning")]
