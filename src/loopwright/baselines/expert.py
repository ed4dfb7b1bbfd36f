"""The baseline ``expert``: ``expert.c`` beside the kernel, hand-written C with OpenMP, which is the mark to aim at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.baselines.screening import OPENMP, build_all, fastest_build
from loopwright.baselines.symbols import SERIAL_UNDER_A_PARALLEL_NAME, threads_in
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.codes import Code
from loopwright.core.measurement import MeasurementFailed
from loopwright.errors import UserError
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.toolchain.compiler import INSTALL_GCC, find_compilers, has_openmp

FILE_NAME = "expert.c"


@dataclass(frozen=True, slots=True)
class Expert:
    """See the module."""

    name: str = "expert"
    kind: MethodKind = MethodKind.EXPERT
    claims_threads: bool = True

    def missing(self, settings: Settings) -> str | None:
        """Return that no compiler has OpenMP, if none has."""
        if any(has_openmp(compiler) for compiler in find_compilers(settings)):
            return None
        return f"no compiler here builds and runs a program with -fopenmp: {INSTALL_GCC}"

    def inapplicable(self, kernel: Kernel) -> str | None:
        """Return that nobody has written the file, if so."""
        return None if expert_file(kernel).is_file() else f"there is no {FILE_NAME} beside {kernel.path.name}"

    def prepare(
        self, kernel: Kernel, case: Case, threads: int, settings: Settings, *, budget_s: float
    ) -> Entrant | MeasurementFailed:
        """Return the faster one of the builds by gcc and clang; see ``Baseline``.

        Raises:
            UserError: The file cannot be read.
        """
        file = expert_file(kernel)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise UserError(Code.CANNOT_READ, f"cannot read {file}: {error.strerror}") from None
        builds, failure = build_all(kernel, content, settings)
        if not builds:
            return failure or MeasurementFailed(Code.COMPILER_MISSING, f"no compiler takes {' '.join(OPENMP)}")
        chosen = fastest_build(kernel, case, builds, threads, budget_s=budget_s)
        if isinstance(chosen, MeasurementFailed):
            return chosen
        label, build = chosen
        found = threads_in(build.binary)
        return Entrant(
            method=self.name,
            kind=self.kind,
            label=f"{FILE_NAME}, {label}",
            build=build,
            threads=threads,
            compile_s=sum(item.elapsed_s for _, item in builds),
            claims_threads=self.claims_threads,
            is_threaded=None if found is None else bool(found),
            objections=(SERIAL_UNDER_A_PARALLEL_NAME,) if threads > 1 and found == () else (),
        )


def expert() -> Expert:
    """Return the baseline."""
    return Expert()


def expert_file(kernel: Kernel) -> Path:
    """Return where the hand-written code of ``kernel`` would be."""
    return kernel.path.with_name(FILE_NAME)
