"""MetaSchedule's search as it suits a machine with few cores.

Candidates are compiled into the memory of this process, on several threads, and each runs in a fork of it.
MetaSchedule's own pools start interpreters that import TVM anew, which takes longer than a candidate does. The fork is
there because a schedule that computes one stage again for every element of the next may run for minutes.

Each candidate's results are compared with those of the module without a schedule. They do differ: a sum that is
computed inside the loop of another sum keeps adding to what it held, where its start was moved out of that loop.
"""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from loopwright.baselines.tuning.child import times_in_child
from loopwright.baselines.tuning.tvm_program import ENTRY

_TRIALS = 100_000
_PER_ITERATION = 16
_REPEATS = 3
# A candidate that much slower than the best so far is not run a second time, nor to its end if it is slower still.
_HOPELESS, _ENDED = 2.0, 5.0
_LONGEST_S, _START_S = 10.0, 1.0
# With the defaults, the search for candidates would take longer than running them.
_POPULATION, _GENERATIONS = 64, 2
_RELATIVE = {2: 1e-2, 4: 1e-3, 8: 1e-8}
# What TVM raises: its own errors are RuntimeErrors.
_ERRORS = (RuntimeError, AssertionError, ValueError, TypeError, AttributeError, LookupError, TimeoutError)


class BudgetSpentError(RuntimeError):
    """The budget is spent."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched, and how long.

    Attributes:
        module: With one function, ``ENTRY``.
        target: Of TVM.
        arguments: Tensors to run candidates on, in order.
        expected: What they hold after a run.
        folder: Of the database.
        threads: To compile on; candidates take theirs from the environment.
        seconds: After which no candidate is started.
        seed: Of the search.
    """

    module: Any
    target: Any
    arguments: Sequence[Any]
    expected: Sequence[npt.NDArray[Any]]
    folder: str
    threads: int
    seconds: float
    seed: int


def search(tvm: Any, wanted: Search, build: Callable[[Any, Any], Any]) -> None:
    """Fill the database of ``wanted`` until the time is up or no candidates are left.

    Args:
        tvm: The package.
        wanted: The search.
        build: Compiles a module for a target.
    """
    deadline = time.monotonic() + wanted.seconds
    schedule = importlib.import_module("tvm.s_tir.meta_schedule")
    builder, runner = _hands(schedule, tvm, wanted, build, deadline)
    callbacks = schedule.measure_callback
    try:
        schedule.tune_tir(
            wanted.module,
            wanted.target,
            wanted.folder,
            max_trials_global=_TRIALS,
            num_trials_per_iter=_PER_ITERATION,
            builder=builder,
            runner=runner,
            # Not the third of the usual ones, which removes the files of a build: there are none.
            measure_callbacks=[callbacks.AddToDatabase(), callbacks.UpdateCostModel()],
            strategy=schedule.search_strategy.EvolutionarySearch(
                population_size=_POPULATION, genetic_num_iters=_GENERATIONS
            ),
            num_tuning_cores=wanted.threads,
            seed=wanted.seed + 1,
        )
    except RuntimeError:
        # What our builder raises comes back through C++, perhaps under another name.
        if time.monotonic() < deadline:
            raise


def is_close(found: npt.NDArray[Any], expected: npt.NDArray[Any]) -> bool:
    """Return True if another order of the same operations explains the difference."""
    relative = _RELATIVE[expected.dtype.itemsize] if expected.dtype.kind == "f" else 0.0
    scale = float(np.abs(expected).max(initial=0.0))
    return bool(np.allclose(found, expected, rtol=relative, atol=relative * scale))


def _hands(
    schedule: Any, tvm: Any, wanted: Search, build: Callable[[Any, Any], Any], deadline: float
) -> tuple[Any, Any]:
    """Return a builder that compiles into memory, and the runner that runs from there."""
    derived = importlib.import_module("tvm.ir.utils").derived_object
    runner_module = importlib.import_module("tvm.s_tir.meta_schedule.runner.local_runner")
    built: dict[str, Any] = {}

    def is_over(is_enough: bool) -> bool:
        # However short the budget is, one candidate is built and measured.
        return is_enough and time.monotonic() > deadline

    class MemoryBuilder(schedule.builder.PyBuilder):
        def build(self, build_inputs: list[Any]) -> list[Any]:
            if is_over(bool(built)):
                raise BudgetSpentError
            names = [f"module-{len(built) + place}" for place in range(len(build_inputs))]
            built.update(dict.fromkeys(names))  # a number is given once
            with ThreadPoolExecutor(wanted.threads) as pool:
                return list(pool.map(self._result, names, build_inputs))

        def _result(self, name: str, item: Any) -> Any:
            if is_over(any(module is not None for module in built.values())):
                return schedule.builder.BuilderResult(None, "the budget is spent")
            try:
                built[name] = build(item.mod, item.target)
            except _ERRORS as error:
                return schedule.builder.BuilderResult(None, str(error))
            return schedule.builder.BuilderResult(name, None)

    class ForkRunner(schedule.runner.PyRunner):
        best_s = math.inf

        def run(self, runner_inputs: list[Any]) -> list[Any]:
            return [self._future(str(item.artifact_path)) for item in runner_inputs]

        def _future(self, name: str) -> Any:
            module, built[name] = built[name], None
            if is_over(self.best_s < math.inf):
                return runner_module.LocalRunnerFuture(res=None, error_message="the budget is spent")
            limit_s = min(_LONGEST_S, _START_S + _ENDED * (1 + _REPEATS) * self.best_s)
            try:
                times = times_in_child(lambda: self._times(module), limit_s)
            except _ERRORS as error:
                return runner_module.LocalRunnerFuture(res=None, error_message=str(error))
            self.best_s = min(self.best_s, *times)
            return runner_module.LocalRunnerFuture(res=times, error_message=None)

        def _times(self, module: Any) -> list[float]:
            start = time.perf_counter()
            module[ENTRY](*wanted.arguments)
            first_s = time.perf_counter() - start
            found = [argument.numpy() for argument in wanted.arguments]
            if not all(map(is_close, found, wanted.expected)):
                raise ValueError("wrong results")
            if first_s > _HOPELESS * self.best_s:
                return [first_s]
            evaluate = module.time_evaluator(ENTRY, tvm.runtime.device("cpu", 0), number=1, repeat=_REPEATS)
            return [float(took_s) for took_s in evaluate(*wanted.arguments).results]

    return derived(MemoryBuilder)(), derived(ForkRunner)()
