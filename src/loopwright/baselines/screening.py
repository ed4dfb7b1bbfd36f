"""Chooses between builds of one method: the faster compiler's counts, as for loopwright's own candidates."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from loopwright.baselines.base import Kernel
from loopwright.baselines.compilers import OPTIMIZED, first_error
from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case
from loopwright.harness.results import RunFailed
from loopwright.toolchain.compiler import Build, find_compilers, has_openmp

OPENMP = (*OPTIMIZED, "-fopenmp")
_ROUNDS = 3


def build_all(
    kernel: Kernel, content: bytes, settings: Settings
) -> tuple[tuple[tuple[str, Build], ...], MeasurementFailed | None]:
    """Return the label and build of ``content`` for each compiler that has OpenMP, and why one failed, if one did."""
    made: list[tuple[str, Build]] = []
    failure: MeasurementFailed | None = None
    for compiler in find_compilers(settings):
        if not has_openmp(compiler):
            continue
        built = kernel.harness.build(content, compiler, OPENMP)
        if isinstance(built, Build):
            made.append((" ".join((compiler.label, *OPENMP)), built))
        else:
            failure = MeasurementFailed(Code.BUILD_FAILED, f"{compiler.label}: {first_error(built.output)}")
    return tuple(made), failure


def fastest_build(
    kernel: Kernel,
    case: Case,
    builds: Sequence[tuple[str, Build]],
    threads: int,
    *,
    budget_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[str, Build] | MeasurementFailed:
    """Return the build with the shortest time of a few interleaved rounds; the only one, if there is only one.

    Args:
        kernel: Whose builds.
        case: The inputs of the field.
        builds: Label and build, at least one.
        threads: Of the field.
        budget_s: No round is begun after it; the first round is always played.
        clock: Where the budget is read.
    """
    if len(builds) == 1:
        return builds[0]
    start = clock()
    best_s: dict[str, float] = {}
    failures: dict[str, RunFailed] = {}
    for seed in range(1, _ROUNDS + 1):
        for label, build in builds:
            if label in failures:
                continue
            ran = kernel.harness.time(build, case, threads=threads, seed=seed)
            if isinstance(ran, RunFailed):
                failures[label] = ran
                best_s.pop(label, None)
                continue
            best_s[label] = min(best_s.get(label, float("inf")), *ran.samples_s)
        if clock() - start >= budget_s:
            break
    if not best_s:
        label, ran = next(iter(failures.items()))
        return MeasurementFailed(ran.code, f"{label}: {ran.reason}")
    return min(builds, key=lambda item: best_s.get(item[0], float("inf")))
