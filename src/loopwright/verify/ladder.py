"""What the stages of the ladder share: what is climbed with, and the builds, made two at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.harness.builder import Variant
from loopwright.harness.cases import Case
from loopwright.harness.harness import Harness
from loopwright.harness.results import Run
from loopwright.harness.tolerance import Tolerance
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler
from loopwright.toolchain.sanitizer import Sanitizer

# The source that is timed, compiled as it is timed, plus warnings, and without contraction: fusing a multiplication and
# an addition or not is the compiler's choice, in the original as in the candidate, and cancellation makes of it any
# relative difference. With every operation rounded, two versions of one operation give the same bits.
_ROUNDED = "-ffp-contract=off"
DELIVERED = ("-O3", "-march=native", _ROUNDED, "-fopenmp", "-Wall", "-Wextra")
SERIAL = ("-O3", "-march=native", _ROUNDED, "-Wall", "-Wextra")
TEAM = ("-O1", "-g", _ROUNDED)
_WORKERS = 2
_SHORTEST_LIMIT_S = 3.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What must be shown of a candidate.

    Attributes:
        reassociates: Sums may be in another order.
        terms: Most terms of one sum.
        regions: Number of parallel regions that the tests must reach; 0 if unknown.
        needs_conflicts: No proof exists, so that races and conflicts must be checked.
        team: Virtual threads of the conflict check.
        may_assume_apart: It may be wrong where arrays overlap; the finding then says so.
    """

    reassociates: bool = False
    terms: int = 0
    regions: int = 0
    needs_conflicts: bool = False
    team: int = 1024
    may_assume_apart: bool = False


@dataclass(slots=True)
class Reference:
    """The original's results: once more on the same inputs, and on inputs perturbed in the last place."""

    first: Run
    second: Run
    perturbed: tuple[Run, ...]


@dataclass(slots=True)
class Climb:
    """One candidate's way up the ladder.

    Attributes:
        harness, original, content, settings: Of the candidate.
        compilers: gcc first.
        evidence: What must be shown.
        tolerance: What counts as equal.
        progress: Told what is being done.
        reference: The original's results, from the differential stage on.
        notes: Said in the details.
        parallel_cases: Cases in which a parallel region really had several threads; None if unknown.
    """

    harness: Harness
    original: bytes
    content: bytes
    settings: Settings
    compilers: tuple[Compiler, ...]
    evidence: Evidence
    tolerance: Tolerance
    progress: Progress
    reference: Reference | None = None
    notes: list[str] = field(default_factory=list[str])
    parallel_cases: frozenset[int] | None = None
    distinct_regions: int = 0

    def compiler(self, family: str) -> Compiler | None:
        """Return the compiler of that family, or None."""
        return next((compiler for compiler in self.compilers if compiler.facts.family == family), None)

    def sanitizer_compiler(self, kind: Sanitizer) -> Compiler | None:
        """Return the first compiler that supports ``kind``, or None."""
        return next((compiler for compiler in self.compilers if sanitizer.supports(compiler, kind)), None)

    def build(
        self, compiler: Compiler, flags: tuple[str, ...], *, original: bool = False, variant: Variant = Variant.PLAIN
    ) -> Build | BuildFailed:
        """Return the harness around the candidate, or around the original."""
        content = self.original if original else self.content
        return self.harness.build(content, compiler, flags, variant=variant)

    def limit_s(self) -> float:
        """Return the wall time that a candidate gets: generous beside what the original took."""
        took_s = self.reference.first.elapsed_s if self.reference else 0.0
        return min(self.settings.limits.run_s, max(_SHORTEST_LIMIT_S, 20.0 * took_s))

    def telling_cases(self, most: int) -> tuple[Case, ...]:
        """Return at most ``most`` cases, those first in which the parallel code really runs."""
        cases = self.harness.cases()
        known = self.parallel_cases
        telling = [case for case in cases if known is None or case.index in known]
        return tuple((telling or list(cases))[-most:])


class Prefetch:
    """Builds what later stages will ask for, two at a time; the harness keeps the results."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS)
        self._futures: list[Future[Build | BuildFailed]] = []

    def add(self, make: Callable[[], Build | BuildFailed]) -> None:
        """Queue one build."""
        self._futures.append(self._pool.submit(make))

    def __enter__(self) -> Prefetch:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop what has not begun, and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def passed(stage: Stage, detail: str) -> Finding:
    """Return a finding that passed."""
    return Finding(stage, Outcome.PASS, detail)


def failed(stage: Stage, code: Code, detail: str) -> Finding:
    """Return a finding that failed."""
    return Finding(stage, Outcome.FAIL, detail, code)


def skipped(stage: Stage, detail: str) -> Finding:
    """Return a finding that says what was missing."""
    return Finding(stage, Outcome.SKIPPED, detail, Code.CHECK_UNAVAILABLE)


def first_line(output: str) -> str:
    """Return the first line of a compiler's output that names an error, else the first line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line or "undefined reference" in line]
    return " ".join((telling or lines or [""])[0].split())[:300]
