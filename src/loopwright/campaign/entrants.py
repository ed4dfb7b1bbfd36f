"""Names -> entrants: every baseline that can be had for a kernel, and loopwright's own results, ready for a field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loopwright.baselines.base import Baseline, Kernel
from loopwright.campaign.spec import PlanTask
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind, method_name
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.harness.results import RunFailed
from loopwright.pipeline.analysis import Progress
from loopwright.toolchain.compiler import Build, find_compilers, has_openmp

OWN_FLAGS = ("-O3", "-march=native", "-fopenmp")


@dataclass(frozen=True, slots=True)
class Absent:
    """A method that takes no part: ``code`` is None if it is not installed or does not apply."""

    method: str
    kind: MethodKind
    code: Code | None
    reason: str


def find_entrants(
    baselines: Iterable[Baseline],
    kernel: Kernel,
    case: Case,
    settings: Settings,
    tune_s: float,
    absent: list[Absent],
    say: Progress,
) -> tuple[Entrant, ...]:
    """Return an entrant per baseline; those that cannot take part are added to ``absent``, each with its reason."""
    found: list[Entrant] = []
    for baseline in baselines:
        reason = baseline.missing(settings) or baseline.inapplicable(kernel)
        if reason is not None:
            absent.append(Absent(baseline.name, baseline.kind, None, reason))
            continue
        say(f"{kernel.name}: preparing {baseline.name}")
        made = baseline.prepare(kernel, case, settings.threads, settings, budget_s=tune_s)
        if isinstance(made, MeasurementFailed):
            absent.append(Absent(baseline.name, baseline.kind, made.code, made.reason))
        else:
            found.append(made)
    return tuple(found)


def own_entrants(
    contents: Mapping[PlanTask, bytes], kernel: Kernel, case: Case, settings: Settings, absent: list[Absent]
) -> tuple[tuple[Entrant, ...], dict[str, str]]:
    """Return an entrant per distinct delivered file, and method name -> name of the entrant that stands for it.

    Like the serial baseline, a file is built by each compiler and the faster build takes part.
    """
    made: dict[bytes, Entrant | MeasurementFailed] = {}
    names: dict[str, str] = {}
    for task, content in contents.items():
        if content not in made:
            made[content] = _own_entrant(content, kernel, case, settings)
        entrant = made[content]
        method = method_name(task.model, task.strategy)
        if isinstance(entrant, MeasurementFailed):
            absent.append(Absent(method, MethodKind.LOOPWRIGHT, entrant.code, entrant.reason))
        else:
            names[method] = entrant.method
    return tuple(entrant for entrant in made.values() if isinstance(entrant, Entrant)), names


def _own_entrant(content: bytes, kernel: Kernel, case: Case, settings: Settings) -> Entrant | MeasurementFailed:
    best: tuple[float, Entrant] | None = None
    failure = MeasurementFailed(Code.COMPILER_MISSING, "no compiler here has OpenMP")
    for compiler in find_compilers(settings):
        if not has_openmp(compiler):
            continue
        build = kernel.harness.build(content, compiler, OWN_FLAGS)
        if not isinstance(build, Build):
            failure = MeasurementFailed(Code.BUILD_FAILED, f"{compiler.label}: {build.output}"[:2000])
            continue
        timed = kernel.harness.time(build, case, threads=settings.threads)
        if isinstance(timed, RunFailed):
            failure = MeasurementFailed(timed.code, f"{compiler.label}: {timed.reason}")
            continue
        taken_s = min(timed.samples_s)
        if best is None or taken_s < best[0]:
            label = " ".join((compiler.label, *OWN_FLAGS))
            name = f"loopwright-{hashlib.sha256(content).hexdigest()[:12]}"
            entrant = Entrant(name, MethodKind.LOOPWRIGHT, label, build, settings.threads, compile_s=build.elapsed_s)
            best = (taken_s, entrant)
    return best[1] if best is not None else failure
