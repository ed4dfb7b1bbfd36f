"""The process that tunes a TVM definition with MetaSchedule and compiles the best schedule that was found.

``tune`` leaves its records in a database, ``compile_program`` starts from there, in a process of its own: a search that
is killed has not searched for nothing.
"""

from __future__ import annotations

import importlib
import platform
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from loopwright.baselines.tuning.child import times_in_child
from loopwright.baselines.tuning.task import PROGRAM, Argument, Interface, Task, load_definition, size_of
from loopwright.baselines.tuning.tvm_program import ENTRY
from loopwright.baselines.tuning.tvm_search import Search, search

TUNE, COMPILE = "tune", "compile"
_DATABASE = "database"
# One run of the module without a schedule, on one thread.
_REFERENCE_S = 60.0
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
    """Search until the budget is spent, then compile; the records are in the folder's database."""
    tvm = _tvm()
    module, definition = _define(task, tvm)
    target = _target(tvm, task)
    arguments = [_example(tvm, argument, task.seed) for argument in definition.arguments]
    expected = _results(_build(module, target), arguments, Path(task.folder))
    folder = str(_database_folder(task))
    search(tvm, Search(module, target, arguments, expected, folder, task.threads, task.budget_s, task.seed), _build)
    compile_program(task)


def compile_program(task: Task) -> None:
    """Write the program with the best schedule of the database.

    Raises:
        LookupError: There is no record: nothing that was tried ran.
    """
    tvm = _tvm()
    integration = importlib.import_module("tvm.s_tir.meta_schedule.tir_integration")
    database = importlib.import_module("tvm.s_tir.meta_schedule.database")
    module, definition = _define(task, tvm)
    target = _target(tvm, task)
    best = integration.compile_tir(database.JSONDatabase(work_dir=str(_database_folder(task))), module, target)
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


def _example(tvm: Any, argument: Argument, seed: int) -> Any:
    """Return values to run a candidate on. numpy makes them: TVM would start its threads here, and no fork has them."""
    shape = (1,) if argument.shape is None else argument.shape
    return tvm.runtime.tensor(np.random.default_rng(seed).uniform(0.5, 2.0, shape).astype(argument.type))


def _results(program: Any, arguments: list[Any], folder: Path) -> list[npt.NDArray[Any]]:
    """Return what ``arguments`` hold after a run, which leaves them here as they are."""
    files = [folder / f"expected-{place}.npy" for place in range(len(arguments))]

    def run() -> list[float]:
        program[ENTRY](*arguments)
        for file, argument in zip(files, arguments, strict=True):
            np.save(file, argument.numpy())
        return [0.0]

    times_in_child(run, _REFERENCE_S)
    found = [np.load(file, allow_pickle=False) for file in files]
    for file in files:
        file.unlink()
    return found


def _database_folder(task: Task) -> Path:
    folder = Path(task.folder) / _DATABASE
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _build(module: Any, target: Any) -> Any:
    return importlib.import_module("tvm.s_tir.meta_schedule.builder.local_builder").default_build(module, target, None)


if __name__ == "__main__":
    {TUNE: tune, COMPILE: compile_program}[sys.argv[1]](Task.parse(Path(sys.argv[2]).read_text(encoding="utf-8")))
