"""The process that tunes a TVM definition with MetaSchedule and compiles the best schedule that was found.

Candidates are built and run inside this process: MetaSchedule's own pools start interpreters that import TVM anew,
which takes longer than a candidate does on a small machine. The price is that a candidate that crashes ends the search;
what was measured before is in the database by then, and a second process compiles from there.
"""

from __future__ import annotations

import importlib
import math
import platform
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from loopwright.baselines.tuning.task import PROGRAM, Argument, Interface, Task, load_definition, size_of
from loopwright.baselines.tuning.tvm_program import ENTRY

TUNE, COMPILE = "tune", "compile"
_DATABASE = "database"
_TRIALS = 100_000
_PER_ITERATION = 16
_REPEATS = 3
# A candidate that much slower than the best so far is not worth a second run.
_HOPELESS = 2.0
# The defaults suit a machine with many cores: here the search for candidates would take longer than running them.
_POPULATION, _GENERATIONS = 64, 2
# Modules with a processor family's tensor instructions, each a function that takes long to parse, and the machines that
# have them.
_INTRINSICS = {
    "x86": ("x86_64", "AMD64"),
    "arm_cpu": ("aarch64", "arm64"),
    "riscv_cpu": ("riscv64",),
    "cuda": (),
    "rocm": (),
    "hexagon": (),
}


# What TVM raises: its own errors are RuntimeErrors.
_ERRORS = (RuntimeError, AssertionError, ValueError, TypeError, AttributeError, LookupError)


class BudgetSpentError(RuntimeError):
    """The budget is spent."""


class Definition:
    """What a ``tvm(definition)`` of a ``library.py`` says of a kernel: tensor expressions, or a whole ``PrimFunc``."""

    def __init__(self, task: Task, tvm: Any) -> None:
        """Make an empty definition for the sizes of ``task``."""
        self._tvm = tvm
        self._sizes = dict(task.sizes)
        self._tensors: list[Any] = []
        self.arguments: list[Argument] = []
        self.function: Any = None

    def size(self, name: str) -> int:
        """Return the value of an integer parameter: a constant of the program."""
        return size_of(self._sizes, name)

    def input(self, name: str, kind: str, shape: tuple[int, ...]) -> Any:
        """Return a placeholder for the array ``name``."""
        tensor = self._tvm.te.placeholder(shape, kind, name)
        self._add(Argument(name, kind, shape), tensor)
        return tensor

    def scalar(self, name: str, kind: str) -> Any:
        """Return the floating-point argument ``name``, which travels as an array of one."""
        tensor = self._tvm.te.placeholder((1,), kind, name)
        self._add(Argument(name, kind, None), tensor)
        return tensor[0]

    def output(self, name: str, tensor: Any) -> None:
        """Say that the tensor expression ``tensor`` is the array ``name``; outputs come last."""
        self._add(Argument(name, str(tensor.dtype), tuple(int(extent) for extent in tensor.shape)), tensor)

    def program(self, function: Any, *arguments: tuple[str, str, tuple[int, ...]]) -> None:
        """Take a ``PrimFunc`` as it is; ``arguments`` are names, types and shapes of its parameters."""
        self.function = function
        self.arguments = [Argument(name, kind, shape) for name, kind, shape in arguments]

    def module(self) -> Any:
        """Return the module to tune, with one function."""
        function = self._tvm.te.create_prim_func(self._tensors) if self.function is None else self.function
        return self._tvm.IRModule({ENTRY: function.with_attr("global_symbol", ENTRY)})

    def _add(self, argument: Argument, tensor: Any) -> None:
        self.arguments.append(argument)
        self._tensors.append(tensor)


def _tvm() -> Any:
    # Not needed, and seconds to import; tvm takes an ImportError for an answer.
    sys.modules["torch"] = cast("Any", None)
    tvm = importlib.import_module("tvm")
    for name, machines in _INTRINSICS.items():
        if platform.machine() not in machines:
            whole = f"tvm.s_tir.tensor_intrin.{name}"
            sys.modules[whole] = ModuleType(whole)
    return tvm


def _target(tvm: Any, task: Task) -> Any:
    return tvm.target.Target(
        {"kind": "llvm", "mcpu": tvm.target.codegen.llvm_get_system_cpu(), "num-cores": task.threads}
    )


def tune(task: Task) -> None:
    """Search until the budget is spent; the records are in the folder's database."""
    deadline = time.monotonic() + task.budget_s
    tvm = _tvm()
    schedule = importlib.import_module("tvm.s_tir.meta_schedule")
    module, _ = _define(task, tvm)
    builder, runner = _in_process(schedule, tvm, deadline)
    callbacks = schedule.measure_callback
    try:
        schedule.tune_tir(
            module,
            _target(tvm, task),
            str(_database_folder(task)),
            max_trials_global=_TRIALS,
            num_trials_per_iter=_PER_ITERATION,
            builder=builder,
            runner=runner,
            # Not the third of the usual ones, which removes the files of a build: there are none.
            measure_callbacks=[callbacks.AddToDatabase(), callbacks.UpdateCostModel()],
            strategy=schedule.search_strategy.EvolutionarySearch(
                population_size=_POPULATION, genetic_num_iters=_GENERATIONS
            ),
            num_tuning_cores=task.threads,
            seed=task.seed + 1,
        )
    except RuntimeError:
        # What our builder raises comes back through C++, perhaps under another name.
        if time.monotonic() < deadline:
            raise


def compile_program(task: Task) -> None:
    """Write the program with the best schedule of the database.

    Raises:
        LookupError: There is no record: nothing that was tried ran.
    """
    tvm = _tvm()
    integration = importlib.import_module("tvm.s_tir.meta_schedule.tir_integration")
    database_module = importlib.import_module("tvm.s_tir.meta_schedule.database")
    module, definition = _define(task, tvm)
    target = _target(tvm, task)
    best = integration.compile_tir(database_module.JSONDatabase(work_dir=str(_database_folder(task))), module, target)
    if best is None:
        raise LookupError("MetaSchedule measured no schedule within its budget")
    folder = Path(task.folder)
    _build(best.mod, target).export_library(str(folder / PROGRAM))
    Interface(tuple(definition.arguments), task.sizes).write(folder)


def count_trials(task: Task) -> int:
    """Return how many candidates were measured; for the parent."""
    try:
        return len((_database_folder(task) / "database_tuning_record.json").read_text().splitlines())
    except OSError:
        return 0


def _define(task: Task, tvm: Any) -> tuple[Any, Definition]:
    definition = Definition(task, tvm)
    load_definition(task)(definition)
    return definition.module(), definition


def _database_folder(task: Task) -> Path:
    folder = Path(task.folder) / _DATABASE
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _build(module: Any, target: Any) -> Any:
    return importlib.import_module("tvm.s_tir.meta_schedule.builder.local_builder").default_build(module, target, None)


def _in_process(schedule: Any, tvm: Any, deadline: float) -> tuple[Any, Any]:
    """Return a builder that compiles into memory, and the runner that runs from there."""
    derived = importlib.import_module("tvm.ir.utils").derived_object
    running = importlib.import_module("tvm.s_tir.meta_schedule.runner.local_runner")
    evaluator = schedule.runner.EvaluatorConfig(number=1, repeat=_REPEATS, min_repeat_ms=0)
    built: dict[str, Any] = {}

    class InProcessBuilder(schedule.builder.PyBuilder):
        def build(self, build_inputs: list[Any]) -> list[Any]:
            if built and time.monotonic() > deadline:
                raise BudgetSpentError
            return [self._result(item) for item in build_inputs]

        def _result(self, item: Any) -> Any:
            # However short the budget is, one candidate is built.
            if built and time.monotonic() > deadline:
                return schedule.builder.BuilderResult(None, "the budget is spent")
            name = f"module-{len(built)}"
            try:
                built[name] = _build(item.mod, item.target)
            except _ERRORS as error:
                return schedule.builder.BuilderResult(None, str(error))
            return schedule.builder.BuilderResult(name, None)

    class InProcessRunner(schedule.runner.PyRunner):
        best_s = math.inf
        arguments: tuple[Any, ...] | list[Any] = ()

        def run(self, runner_inputs: list[Any]) -> list[Any]:
            return [self._future(item) for item in runner_inputs]

        def _future(self, item: Any) -> Any:
            module = built[str(item.artifact_path)]
            built[str(item.artifact_path)] = None  # its number stays taken
            if self.best_s < math.inf and time.monotonic() > deadline:
                return running.LocalRunnerFuture(res=None, error_message="the budget is spent")
            try:
                times = self._times(item, module)
            except _ERRORS as error:
                return running.LocalRunnerFuture(res=None, error_message=str(error))
            self.best_s = min(self.best_s, *times)
            return running.LocalRunnerFuture(res=times, error_message=None)

        def _times(self, item: Any, module: Any) -> list[float]:
            device = tvm.runtime.device(str(item.device_type), 0)
            if not self.arguments:
                described = tuple(argument.as_json() for argument in item.args_info)
                self.arguments = running.default_alloc_argument(device, described, 1)
            start = time.perf_counter()
            module[ENTRY](*self.arguments[0])
            first_s = time.perf_counter() - start
            if first_s > _HOPELESS * self.best_s:
                return [first_s]
            times = running.default_run_evaluator(module, device, evaluator, self.arguments)
            return [float(took_s) for took_s in times]

    return derived(InProcessBuilder)(), derived(InProcessRunner)()


if __name__ == "__main__":
    {TUNE: tune, COMPILE: compile_program}[sys.argv[1]](Task.parse(Path(sys.argv[2]).read_text(encoding="utf-8")))
