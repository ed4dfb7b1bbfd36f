"""Scheduling languages with their tuners: the algorithm by hand, in ``library.py``, the schedule by search.

A definition is compiled ahead for the field's sizes by a process of its own; the harness's process loads the result.
What was found is kept in the cache, so a second run does not search again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from loopwright.baselines.base import Baseline, Kernel
from loopwright.baselines.foreign.definitions import library_path, undefined
from loopwright.baselines.foreign.interpreter import find_interpreter
from loopwright.baselines.foreign.packages import Package, missing_packages
from loopwright.baselines.foreign.prepare import Guest, prepare_guest
from loopwright.baselines.foreign.shim import unsuitable
from loopwright.baselines.libraries import Library
from loopwright.baselines.tuning import tvm_build
from loopwright.baselines.tuning.kept import Shelf, Tuned, shelf_for
from loopwright.baselines.tuning.process import link_object, run_tuner
from loopwright.baselines.tuning.task import Task
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import TimedRun
from loopwright.toolchain.host import cores

_HALIDE = (Package("halide", "halide", "21.0.0"),)
_TVM = (
    Package("tvm", "apache-tvm", "0.27.0.post1"),
    # The version that it would take by itself crashes in a search.
    Package("tvm_ffi", "apache-tvm-ffi", "0.1.14.post0"),
    Package("xgboost", "xgboost"),
)
_TRITON = (Package("triton", "triton"), Package("torch", "torch"))
_AUTOSCHEDULERS = ("Mullapudi2016", "Adams2019", "Li2018")
_PACKAGE = "loopwright.baselines.tuning"
_CALLS = 3
_LEAST_BUILD_S = 60.0
# Start and end of the search's process, and the candidate that runs when the time is up.
_GRACE_S = 45.0


@dataclass(frozen=True, slots=True)
class Field:
    """What a program is made for."""

    kernel: Kernel
    case: Case
    threads: int
    settings: Settings


# A search that failed is not tried again by this process: the kernel's next field would wait as long for nothing.
_failed: dict[tuple[str, Shelf], MeasurementFailed] = {}


@dataclass(frozen=True, slots=True)
class Tuner:
    """A baseline whose code a search has made.

    Attributes:
        name: Of the method, and of the definition in ``library.py``.
        packages: Python packages that it needs.
        search: Makes a program within a budget in seconds.
    """

    name: str
    packages: tuple[Package, ...]
    search: Callable[[Tuner, Field, Shelf, float], Tuned | MeasurementFailed]
    claims_threads: bool = True
    kind: MethodKind = MethodKind.TUNER

    def missing(self, settings: Settings) -> str | None:
        """Return what is not installed; see ``Baseline``."""
        interpreter = find_interpreter()
        return missing_packages(self.packages) or (interpreter if isinstance(interpreter, str) else None)

    def inapplicable(self, kernel: Kernel) -> str | None:
        """Return why the kernel has no definition in this language; see ``Baseline``."""
        return undefined(kernel, self.name) or unsuitable(kernel)

    def prepare(
        self, kernel: Kernel, case: Case, threads: int, settings: Settings, *, budget_s: float
    ) -> Entrant | MeasurementFailed:
        """Return the build; see ``Baseline``. It is searched for unless an earlier run has done so.

        The program is made for all cores of the machine, and runs on the threads of the field: one search serves the
        figures of one thread and of all.
        """
        versions = tuple(f"{package.distribution} {package.version}" for package in self.packages)
        field = Field(kernel, case, threads, settings)
        wide = Field(kernel, case, max(threads, cores()), settings)
        shelf = shelf_for(kernel, case.sizes, wide.threads, settings, (self.name, *versions))
        tuned = shelf.find(budget_s) or _failed.get((self.name, shelf))
        if tuned is None:
            tuned = self.search(self, wide, shelf, budget_s)
            if isinstance(tuned, MeasurementFailed):
                _failed[self.name, shelf] = tuned
            else:
                shelf.put(tuned)
        if isinstance(tuned, MeasurementFailed):
            return tuned
        ready = self.ready(field, tuned)
        return ready if isinstance(ready, MeasurementFailed) else ready[0]

    def task(self, field: Field, shelf: Shelf, choice: str, budget_s: float) -> Task:
        """Return what the tuner's process is asked for."""
        return Task(
            str(library_path(field.kernel)),
            self.name,
            field.case.sizes,
            field.threads,
            str(shelf.new_folder()),
            choice,
            budget_s,
            field.settings.seed,
        )

    def ready(self, field: Field, tuned: Tuned, calls: int = 1) -> tuple[Entrant, TimedRun] | MeasurementFailed:
        """Return the entrant around a program, with the times of a first run."""
        guest = Guest(
            self.name,
            self.kind,
            lambda _: tuned.label,
            self.claims_threads,
            program=(Path(tuned.program), f"{_PACKAGE}.{self.name}_program"),
            compile_s=tuned.compile_s,
        )
        return prepare_guest(field.kernel, field.case, field.threads, field.settings, guest, calls=calls)


def search_halide(tuner: Tuner, field: Field, shelf: Shelf, budget_s: float) -> Tuned | MeasurementFailed:
    """Return the program of the autoscheduler that the clock prefers."""
    start = time.monotonic()
    found: list[tuple[float, str, str]] = []
    lost: list[str] = []
    for choice in _AUTOSCHEDULERS:
        left_s = budget_s - (time.monotonic() - start)
        if found and left_s <= 0.0:
            lost.append(f"{choice}: no time left")
            continue
        task = tuner.task(field, shelf, choice, budget_s)
        failure = run_tuner(f"{_PACKAGE}.halide_build", (), task, max(left_s, _LEAST_BUILD_S))
        failure = failure or link_object(Path(task.folder), field.settings)
        if failure is None:
            ready = tuner.ready(field, Tuned(task.folder, choice, 0.0, budget_s), _CALLS)
            if not isinstance(ready, MeasurementFailed):
                found.append((median(ready[1].samples_s), choice, task.folder))
                continue
            failure = ready.reason
        lost.append(f"{choice}: {failure}")
    if not found:
        return MeasurementFailed(Code.BUILD_FAILED, f"no autoscheduler worked: {'; '.join(lost)}")
    _, choice, folder = min(found)
    for _, _, other in found:
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    label = f"Halide {tuner.packages[0].version}, {choice}, fastest of {len(found)} autoschedulers"
    return Tuned(folder, label, time.monotonic() - start, budget_s)


def search_tvm(tuner: Tuner, field: Field, shelf: Shelf, budget_s: float) -> Tuned | MeasurementFailed:
    """Return the best program that MetaSchedule found."""
    start = time.monotonic()
    task = tuner.task(field, shelf, "", budget_s)
    module = f"{_PACKAGE}.tvm_build"
    failure = run_tuner(module, (tvm_build.TUNE,), task, budget_s + _GRACE_S)
    searched_s = time.monotonic() - start
    # A search that was killed or crashed has left its records.
    if failure is not None and run_tuner(module, (tvm_build.COMPILE,), task, _LEAST_BUILD_S) is not None:
        return MeasurementFailed(Code.BUILD_FAILED, failure)
    trials = tvm_build.count_trials(task)
    label = f"TVM {tuner.packages[0].version} MetaSchedule, {trials} trials in {searched_s:.0f} s"
    return Tuned(task.folder, label, time.monotonic() - start, budget_s)


def halide() -> Baseline:
    """Return Halide."""
    return Tuner("halide", _HALIDE, search_halide)


def tvm() -> Baseline:
    """Return TVM's MetaSchedule."""
    return Tuner("tvm", _TVM, search_tvm)


def triton() -> Baseline:
    """Return Triton, which generates code for a GPU; the copies there and back count."""
    version = _TRITON[0]
    return Library(
        "triton", _TRITON, True, lambda _: f"Triton {version.version}", lacks=_missing_gpu, kind=MethodKind.TUNER
    )


def _missing_gpu() -> str | None:
    nodes = (Path("/dev/nvidia0"), Path("/dev/kfd"))
    return None if any(node.exists() for node in nodes) else "a GPU that Triton generates code for (CUDA or ROCm)"
