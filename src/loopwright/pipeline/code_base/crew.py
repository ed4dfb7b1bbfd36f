"""Analyses files in child processes, some at a time, and says how each file ended."""

from __future__ import annotations

import json
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.survey import Document, FileAnswer, FileOutcome
from loopwright.pipeline.code_base.files import FileTask
from loopwright.pipeline.code_base.worker import STOP
from loopwright.toolchain.completed import Completed, Ended
from loopwright.toolchain.process import run

_MODULE = "loopwright.pipeline.code_base.worker"
_PACKAGE_ROOT = Path(__file__).parents[3]
# Starting a process costs as much as a small file or two.
_LARGEST_BATCH = 48
# Slack of the time limit around a whole batch, which ends only a process whose own limits fail.
_PATIENCE = 12.0


@dataclass(frozen=True, slots=True)
class Result:
    """The answer for one task, and the headers that it rests on."""

    task: FileTask
    answer: FileAnswer
    headers: tuple[str, ...] = ()


def analyse(
    tasks: Sequence[FileTask], include: str | None, settings: Settings, jobs: int, tick: Callable[[], None]
) -> Iterator[Result]:
    """Yield the result of every task, as they come.

    Args:
        tasks: What to analyse.
        include: Folder of a compiler's own headers.
        settings: Floating point and limits.
        jobs: Number of processes at a time.
        tick: Is called now and then.
    """
    if not tasks:
        return
    with tempfile.TemporaryDirectory(prefix="loopwright-", ignore_cleanup_errors=True) as name:
        crew = _Crew(Path(name), include, settings)
        for batch in _batches(tasks, jobs):
            crew.waiting.put(batch)
        threads = [threading.Thread(target=crew.work, daemon=True) for _ in range(min(jobs, len(tasks)))]
        try:
            for thread in threads:
                thread.start()
            left = len(tasks)
            while left:
                tick()
                try:
                    found = crew.done.get(timeout=0.5)
                except queue.Empty:
                    continue
                if isinstance(found, BaseException):
                    raise found
                left -= 1
                yield found
        finally:
            # Whoever is still at work ends behind its present file, or at once with this process.
            crew.stop()


def _batches(tasks: Sequence[FileTask], jobs: int) -> Iterator[tuple[tuple[int, FileTask], ...]]:
    """Yield the tasks in batches that get smaller, so that all processes end at about the same time."""
    numbered = list(enumerate(tasks))
    while numbered:
        size = max(1, min(_LARGEST_BATCH, len(numbered) // (3 * jobs)))
        yield tuple(numbered[:size])
        del numbered[:size]


class _Crew:
    """Threads that each start one process at a time and sort what it leaves."""

    def __init__(self, folder: Path, include: str | None, settings: Settings) -> None:
        self.waiting: queue.SimpleQueue[tuple[tuple[int, FileTask], ...]] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
        self._folder = folder
        self._include = include
        self._settings = settings
        self._stopped = threading.Event()
        self._places: list[Path] = []

    def stop(self) -> None:
        """Let every process end behind its present file."""
        self._stopped.set()
        for place in tuple(self._places):
            if place.is_dir():
                (place / STOP).touch()

    def work(self) -> None:
        """Take batches until there are none."""
        try:
            while not self._stopped.is_set():
                try:
                    batch = self.waiting.get_nowait()
                except queue.Empty:
                    return
                self._run(batch)
        # A thread has nobody to raise to: the caller's loop does it.
        except BaseException as error:
            self.done.put(error)

    def _run(self, batch: tuple[tuple[int, FileTask], ...]) -> None:
        """Analyse a batch; a process that ends before its time is followed by another for the rest."""
        left = list(batch)
        while left and not self._stopped.is_set():
            with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as name:
                place = Path(name)
                self._places.append(place)
                ended = self._start(left, place)
                finished = [(number, task) for number, task in left if (place / f"{number}.json").is_file()]
                for number, task in finished:
                    self.done.put(_result(task, json.loads((place / f"{number}.json").read_bytes())))
                rest = [each for each in left if each not in finished]
                fallen = [each for each in rest if (place / f"{each[0]}.started").is_file()]
                self._places.remove(place)
            if self._stopped.is_set():
                return
            if fallen and finished:
                # Not necessarily its own fault: it gets a process for itself.
                rest = [*fallen, *(each for each in rest if each not in fallen)]
                self._run(tuple(rest[:1]))
                rest = rest[1:]
            elif rest:
                # Without a start of its first file the process itself is at fault, which is then said of that file.
                self.done.put(_failed(rest[0][1], ended, self._settings))
                rest = rest[1:]
            left = rest

    def _start(self, batch: list[tuple[int, FileTask]], place: Path) -> Completed:
        limits = self._settings.limits
        order = {
            "tasks": [
                {"number": number, "path": str(task.path.absolute()), "flags": task.flags} for number, task in batch
            ],
            "folder": str(Path.cwd()),
            "include": self._include,
            "fp_strict": self._settings.fp_strict,
            "nest_s": limits.nest_s,
            "file_s": limits.file_s,
        }
        return run(
            (sys.executable, "-m", _MODULE),
            cwd=place,
            timeout_s=60.0 + _PATIENCE * limits.file_s * len(batch),
            memory_bytes=limits.memory_bytes,
            environment={"PYTHONPATH": str(_PACKAGE_ROOT)},
            stdin=json.dumps(order).encode("ascii"),
        )


def _result(task: FileTask, found: dict[str, Any]) -> Result:
    path = str(task.path)
    if "document" in found:
        document = cast("Document", {**found["document"], "path": path})
        outcome = FileOutcome.ANALYSED if document["doubt"] is None else FileOutcome.INCOMPLETE
        return Result(task, FileAnswer(path, outcome, document), tuple(found["headers"]))
    if "refused" in found:
        refused = found["refused"]
        return Result(task, FileAnswer(path, FileOutcome.REFUSED, {}, Code(refused["code"]), refused["message"]))
    return Result(task, FileAnswer(path, FileOutcome.CRASHED, {}, None, found["crashed"]["message"]))


def _failed(task: FileTask, ended: Completed, settings: Settings) -> Result:
    """Return the answer for a file whose process came to an end of its own."""
    path, limits = str(task.path), settings.limits
    signals = (-signal.SIGPROF, -signal.SIGALRM)
    if ended.ended is Ended.TIMED_OUT or ended.returncode in signals:
        message = f"its analysis took longer than {limits.file_s:g} s"
        return Result(task, FileAnswer(path, FileOutcome.LIMIT, {}, Code.ANALYSIS_LIMIT, message))
    if ended.ended is Ended.OUT_OF_MEMORY:
        message = f"its analysis took more than {limits.memory_bytes >> 20} MiB of memory"
        return Result(task, FileAnswer(path, FileOutcome.LIMIT, {}, Code.ANALYSIS_LIMIT, message))
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    message = f"the process that analysed it {ended.describe()}" + (f": {lines[-1][:200]}" if lines else "")
    return Result(task, FileAnswer(path, FileOutcome.CRASHED, {}, None, message))
