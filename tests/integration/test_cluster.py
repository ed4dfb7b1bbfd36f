"""A campaign on Dask: real worker processes, which are killed, interrupted and orphaned."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from loopwright.campaign.cluster import Cluster
from loopwright.campaign.cluster_worker import Assignment, Order, work
from loopwright.campaign.executor import TaskFailed
from loopwright.campaign.run import Ran, run_campaign
from loopwright.campaign.spec import CampaignSpec, FieldTask, PlanTask
from loopwright.campaign.station import Measured
from loopwright.campaign.store import Store
from loopwright.config import Settings, from_environment
from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.models.weights import find_weights
from small_campaigns import evaluations, expected_evaluations, expected_keys, small_spec, write_kernels

pytestmark = pytest.mark.needs("gcc", "dask")

SCRIPT = Path(sys.executable).with_name("loopwright")
DASK = Path(sys.executable).with_name("dask")
API_KEY = "sesame-4711"


def ignore(_message: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Bed:
    """What the campaigns of this module share."""

    spec: CampaignSpec
    settings: Settings


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Bed:
    folder = tmp_path_factory.mktemp("cluster")
    spec = small_spec(write_kernels(folder / "kernels"))
    return Bed(spec, Settings(cache=folder / "cache", api_key=API_KEY))


def run_with(cluster: Cluster, spec: CampaignSpec, path: Path, say: Callable[[str], None] = ignore) -> Ran:
    try:
        with Store.open(path) as store:
            return run_campaign(spec, store, cluster, say)
    finally:
        cluster.close()


def children() -> list[psutil.Process]:
    """Return what this process has started, but for the standard library's tracker, which stays until its end."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and not any("resource_tracker" in word for word in child.cmdline())
    ]


def worker_at_work(limit_s: float = 60.0) -> psutil.Process:
    """Return a worker process of this one that has a compiler or a candidate running."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        for worker in psutil.Process().children():
            with_words = " ".join(worker.cmdline())
            if "spawn_main" in with_words and worker.children():
                return worker
        time.sleep(0.02)
    raise AssertionError("no worker is at work")


def check_complete(bed: Bed, path: Path) -> None:
    """See that ``path`` holds what a run in one process would give (test_campaign.py has such runs), and once."""
    with Store.open(path) as store:
        [(host, environment, _)] = store.hosts()
        assert store.keys() == expected_keys(bed.spec, host)
        assert len(list(store.plans())) + len(list(store.fields())) == len(store.keys())
        assert {name for _, name, _ in (*store.plans(), *store.fields())} == {host}
        assert not store.failures()
        assert environment.compilers
    assert evaluations(path) == expected_evaluations(bed.spec)


def test_a_worker_that_is_killed_half_way_costs_nothing(
    bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    labels: list[str] = []
    killed: list[int] = []

    def kill() -> None:
        worker = worker_at_work()
        worker.kill()
        killed.append(worker.pid)

    killer = threading.Thread(target=kill)

    def say(message: str) -> None:
        if re.match("(recur|smooth): ", message):
            labels.append(message)
            if len(labels) == 3:
                killer.start()

    cluster = Cluster.open(bed.spec, bed.settings, ignore, workers=2)
    pids = {child.pid for child in children()}
    assert len(pids) == 2
    assert run_with(cluster, bed.spec, tmp_path / "s.db", say) == Ran(5, 0, 0)
    killer.join()
    assert set(killed) < pids
    check_complete(bed, tmp_path / "s.db")
    assert not children()
    assert not list(scratch.iterdir())


def test_a_task_fails_alone(bed: Bed, tmp_path: Path) -> None:
    """One whose worker dies too often, and one that cannot be done; the next one finds a worker again."""
    [recur, smooth] = bed.spec.kernels
    fields = [task for task in bed.spec.tasks() if isinstance(task, FieldTask)]
    broken = replace(recur, path=str(tmp_path / "gone.c"))
    cluster = Cluster.open(bed.spec, bed.settings, ignore, workers=1, most_deaths=0)
    try:
        cluster.submit(fields[0], {})
        assert cluster.has_room(PlanTask(smooth, "none", "heuristic"))
        assert not cluster.has_room(fields[1])
        worker_at_work().kill()
        done = cluster.next()
        assert done is not None
        assert done.task == fields[0]
        assert isinstance(done.result, TaskFailed)
        assert re.search("workers died .* 1, the last at tls://127.0.0.1:", done.result.reason)
        cluster.submit(PlanTask(broken, "none", "heuristic"), {})
        cluster.submit(fields[-1], {})
        results = {done.task: done.result for done in (cluster.next(), cluster.next()) if done is not None}
        assert cluster.next() is None
        failed = results[PlanTask(broken, "none", "heuristic")]
        assert isinstance(failed, TaskFailed)
        assert failed.reason.startswith(Code.CANNOT_READ.value)
        assert isinstance(results[fields[-1]], Measured)
        cluster.submit(fields[0], {})
        worker_at_work()
    finally:
        cluster.close()
    assert not children()
    cluster.close()


def test_an_order_for_other_files_is_refused(bed: Bed) -> None:
    task = PlanTask(bed.spec.kernels[0], "none", "heuristic")
    finished = work(Order(Assignment(bed.spec, bed.settings, is_here=True), task, (), "another key"))
    assert not isinstance(finished, TaskFailed)
    assert isinstance(finished.done.result, TaskFailed)
    assert "kernel.c" in finished.done.result.reason


@contextmanager
def running(*arguments: str | Path, log: Path, **environment: str) -> Generator[psutil.Popen]:
    with (
        log.open("wb") as file,
        psutil.Popen(
            [str(DASK), *map(str, arguments)], env={**os.environ, **environment}, stdout=file, stderr=file
        ) as process,
    ):
        try:
            yield process
        finally:
            started = process.children(recursive=True)
            process.kill()
            psutil.wait_procs(started, timeout=20.0)


def test_a_cluster_that_runs_already_is_joined(bed: Bed, tmp_path: Path) -> None:
    """Two workers, one of them with the clock; what they are told stays out of their logs and of the store."""
    place = tmp_path / "scheduler.json"
    options = ("--dashboard-address", "127.0.0.1:0", "--scheduler-file", place)
    own = {"LOOPWRIGHT_CACHE": str(bed.settings.cache), "DASK_LOGGING__DISTRIBUTED": "debug"}
    worker = ("worker", *options, "--host", "127.0.0.1", "--nthreads", "1", "--local-directory", tmp_path)
    with (
        running("scheduler", *options, "--host", "127.0.0.1", "--port", "0", log=tmp_path / "0.log", **own),
        running(*worker, "--resources", "clock=1", log=tmp_path / "1.log", **own),
        running(*worker, log=tmp_path / "2.log", **own),
    ):
        end = time.monotonic() + 60.0
        while not place.is_file() or not place.read_text().endswith("}"):
            assert time.monotonic() < end
            time.sleep(0.05)
        address = json.loads(place.read_text())["address"]
        elsewhere = replace(bed.settings, cache=tmp_path / "nowhere", gcc="/nowhere/gcc")
        cluster = Cluster.open(bed.spec, elsewhere, ignore, address=address)
        assert run_with(cluster, bed.spec, tmp_path / "s.db") == Ran(5, 0, 0)
    check_complete(bed, tmp_path / "s.db")
    for path in (*tmp_path.glob("*.log"), *tmp_path.glob("s.db*")):
        assert API_KEY.encode() not in path.read_bytes()
    logs = [(tmp_path / f"{number}.log").read_text() for number in range(3)]
    assert ["loopwright-field" in log for log in logs[1:]] == [True, False]
    assert any("loopwright-plan" in log for log in logs)
    assert not (tmp_path / "nowhere").exists()


def test_nobody_at_the_address_is_said(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopwright.campaign.dask_client.CONNECT_S", 0.5)
    with pytest.raises(UserError, match=r"no scheduler answers at tcp://127\.0\.0\.1:1") as caught:
        Cluster.open(bed.spec, bed.settings, ignore, address="tcp://127.0.0.1:1")
    assert caught.value.code is Code.CLUSTER_UNAVAILABLE


def test_a_cluster_is_started_or_joined(bed: Bed) -> None:
    with pytest.raises(UserError, match="--workers"):
        Cluster.open(bed.spec, bed.settings, ignore, workers=2, address="tcp://127.0.0.1:1")


def test_without_dask_the_extra_is_named(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError) as caught:
        Cluster.open(bed.spec, bed.settings, ignore, workers=1)
    assert caught.value.code is Code.EXTRA_MISSING
    assert "loopwright[cluster]" in caught.value.hint


def descendants(process: psutil.Process) -> dict[psutil.Process, str]:
    """Return what runs below ``process``, with its command line."""
    found: dict[psutil.Process, str] = {}
    with suppress(psutil.Error):
        for child in process.children(recursive=True):
            with suppress(psutil.Error):
                found[child] = " ".join(child.cmdline())
    return found


@pytest.mark.parametrize(
    ("ending", "status", "model", "program"),
    [
        pytest.param(
            signal.SIGKILL, -signal.SIGKILL, "embedded", "models/worker.py", marks=pytest.mark.needs("weights")
        ),
        (signal.SIGINT, 130, "none", "gcc"),
    ],
    ids=["killed", "interrupted"],
)
def test_no_process_is_left(
    bed: Bed, tmp_path: Path, ending: signal.Signals, status: int, model: str, program: str
) -> None:
    """Of the run, its workers, their model's server, compilers and candidates; Ctrl-C goes to all of them."""
    weights = find_weights(from_environment())
    (tmp_path / "cache").mkdir()
    if weights is not None:
        (tmp_path / "cache" / "models").symlink_to(weights.parent)
    suite = Path(bed.spec.kernels[0].path).parents[1]
    methods = ("--models", model, "--strategies", "zero-shot", "--baselines", "gcc-O3")
    with subprocess.Popen(
        [SCRIPT, "bench", "run", "--suite", suite, *methods, "--threads", "1", "--workers", "1", "--store", "s.db"],
        cwd=tmp_path,
        env={**os.environ, "LOOPWRIGHT_CACHE": str(tmp_path / "cache")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "loopwright:" in line.removeprefix("loopwright: "):  # the first task's name
                break
        end = time.monotonic() + 60.0
        started = descendants(psutil.Process(process.pid))
        while not any(program in words for words in started.values()):
            assert time.monotonic() < end, started
            time.sleep(0.02)
            started = descendants(psutil.Process(process.pid))
        if ending is signal.SIGINT:
            os.killpg(process.pid, ending)
        else:
            process.send_signal(ending)
        rest = process.stderr.read()
        assert process.wait(30) == status
    # What was started after the last look is found by its folder.
    later = [other for other in psutil.process_iter(["cwd"]) if str(tmp_path) in str(other.info["cwd"])]
    words = {other.pid: other.info for other in psutil.process_iter(["cmdline", "ppid"])}
    _, alive = psutil.wait_procs([*started, *later], timeout=20.0)
    assert not [words.get(process.pid) for process in alive]
    assert "Traceback" not in rest
    if ending is signal.SIGINT:
        assert rest.rstrip().rpartition("\n")[2] == "loopwright: error: interrupted"
