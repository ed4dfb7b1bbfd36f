"""Baselines that are a compiler and its flags: the serial builds, and the compilers that parallelize by themselves.

A value of ``CompilerBaseline`` says all there is; the functions below, one per entry point, are the list of them. Every
build is for the machine at hand (``-march=native``), as loopwright's own candidates are.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loopwright.baselines.base import Kernel
from loopwright.baselines.polly_effect import polly_effect
from loopwright.baselines.symbols import SERIAL_UNDER_A_PARALLEL_NAME, threads_in
from loopwright.config import Limits, Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.codes import Code
from loopwright.core.measurement import CompilerFacts, MeasurementFailed
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.toolchain.compiler import INSTALL_CLANG, INSTALL_GCC, BuildFailed, Compiler, build, find_compilers
from loopwright.toolchain.process import run

OPTIMIZED = ("-O3", "-march=native")
INSTALL_POLLY = "apt-get install clang-19 libomp-19-dev (Debian's clang has Polly built in)"
INSTALL_ICX = "install Intel's oneAPI DPC++/C++ compiler and put icx on PATH"

_PROBE_LIMITS = Limits(build_s=30.0)
_PROBE = """\
static double a[64][64], b[64][64];
int main(void) {
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 64; j++)
            a[i][j] = 2.0 * b[j][i];
    return a[1][2] != 0.0;
}
"""


@dataclass(frozen=True, slots=True)
class CompilerBaseline:
    """A compiler with its flags, as a ``Baseline``.

    Attributes:
        name: Of the method.
        kind: SERIAL, or COMPILER for one that goes beyond what the others do.
        family: ``gcc``, ``clang`` or ``icx``.
        flags: Beside ``OPTIMIZED``.
        thread_flags: Added where the field has more than one thread; ``{threads}`` stands for the number.
        claims_threads: It parallelizes.
        remedy: The command that installs what it needs.
        uses_polly: The label is to tell whether Polly changed anything.
    """

    name: str
    kind: MethodKind
    family: str
    flags: tuple[str, ...] = ()
    thread_flags: tuple[str, ...] = ()
    claims_threads: bool = False
    remedy: str = INSTALL_GCC
    uses_polly: bool = False

    def flags_for(self, threads: int) -> tuple[str, ...]:
        """Return all flags of a build for ``threads`` threads."""
        of_threads = tuple(flag.format(threads=threads) for flag in self.thread_flags) if threads > 1 else ()
        return (*OPTIMIZED, *self.flags, *of_threads)

    def missing(self, settings: Settings) -> str | None:
        """Return what is not installed: the compiler, or the part of it that the flags ask for."""
        compiler = find_family(settings, self.family)
        if compiler is None:
            return f"{self.family} is not installed: {self.remedy}"
        if not takes(compiler, self.flags_for(2)):
            flags = " ".join((*self.flags, *self.thread_flags)).format(threads=2)
            return f"{compiler.label} does not build a small program with {flags}: {self.remedy}"
        return None

    def inapplicable(self, kernel: Kernel) -> str | None:
        """Return None: a compiler takes whatever the kernel's author wrote."""
        del kernel
        return None

    def prepare(
        self, kernel: Kernel, case: Case, threads: int, settings: Settings, *, budget_s: float
    ) -> Entrant | MeasurementFailed:
        """Return the build of the kernel's own text; see ``Baseline``."""
        del case, budget_s
        compiler = find_family(settings, self.family)
        if compiler is None:
            return MeasurementFailed(Code.COMPILER_MISSING, f"{self.family} is not installed: {self.remedy}")
        used = threads if self.claims_threads else 1
        flags = self.flags_for(used)
        made = kernel.harness.build(kernel.unit.source.content, compiler, flags)
        if isinstance(made, BuildFailed):
            return MeasurementFailed(Code.BUILD_FAILED, f"{compiler.label}: {first_error(made.output)}")
        label = " ".join((compiler.label, *flags))
        if self.uses_polly:
            effect = polly_effect(kernel.unit.source, compiler, flags, OPTIMIZED, settings.limits)
            label = f"{label} ({effect})"
        found = threads_in(made.binary) if self.claims_threads else None
        return Entrant(
            method=self.name,
            kind=self.kind,
            label=label,
            build=made,
            threads=used,
            compile_s=made.elapsed_s,
            claims_threads=self.claims_threads,
            is_threaded=None if found is None else bool(found),
            # On one thread there is nothing to claim.
            objections=(SERIAL_UNDER_A_PARALLEL_NAME,) if used > 1 and found == () else (),
        )


def gcc_o3() -> CompilerBaseline:
    """Return ``gcc -O3``: one thread, no reassociation; the strongest serial build here for most kernels."""
    return CompilerBaseline("gcc-O3", MethodKind.SERIAL, "gcc")


def clang_o3() -> CompilerBaseline:
    """Return ``clang -O3``: one thread, no reassociation."""
    return CompilerBaseline("clang-O3", MethodKind.SERIAL, "clang", remedy=INSTALL_CLANG)


def gcc_fast_math() -> CompilerBaseline:
    """Return gcc with ``-ffast-math``: one thread, sums in any order; NaN and infinity do not exist for it."""
    return CompilerBaseline("gcc-fast-math", MethodKind.COMPILER, "gcc", ("-ffast-math",))


def gcc_autopar() -> CompilerBaseline:
    """Return gcc's own parallelizer. The number of threads is part of the code: OMP_NUM_THREADS changes nothing."""
    return CompilerBaseline(
        "gcc-autopar", MethodKind.COMPILER, "gcc", (), ("-ftree-parallelize-loops={threads}",), claims_threads=True
    )


def gcc_graphite() -> CompilerBaseline:
    """Return gcc's polyhedral loop optimizer, serial: tiling and interchange for locality."""
    return CompilerBaseline(
        "gcc-graphite", MethodKind.COMPILER, "gcc", ("-floop-nest-optimize",), remedy=_INSTALL_GRAPHITE
    )


def gcc_graphite_parallel() -> CompilerBaseline:
    """Return gcc's polyhedral loop optimizer, which also tells the parallelizer which loops carry no dependence."""
    return CompilerBaseline(
        "gcc-graphite-parallel",
        MethodKind.COMPILER,
        "gcc",
        ("-floop-nest-optimize",),
        ("-floop-parallelize-all", "-ftree-parallelize-loops={threads}"),
        claims_threads=True,
        remedy=_INSTALL_GRAPHITE,
    )


def polly() -> CompilerBaseline:
    """Return clang with LLVM's polyhedral optimizer, serial."""
    return CompilerBaseline(
        "polly", MethodKind.COMPILER, "clang", ("-mllvm", "-polly"), remedy=INSTALL_POLLY, uses_polly=True
    )


def polly_parallel() -> CompilerBaseline:
    """Return clang with LLVM's polyhedral optimizer, which may parallelize; it often silently does not."""
    return CompilerBaseline(
        "polly-parallel",
        MethodKind.COMPILER,
        "clang",
        ("-mllvm", "-polly"),
        ("-mllvm", "-polly-parallel", "-fopenmp"),
        claims_threads=True,
        remedy=INSTALL_POLLY,
        uses_polly=True,
    )


def icx() -> CompilerBaseline:
    """Return Intel's compiler. It is serial: unlike its predecessor icc, it has no auto-parallelizer."""
    return CompilerBaseline("icx", MethodKind.COMPILER, "icx", remedy=INSTALL_ICX)


_INSTALL_GRAPHITE = f"{INSTALL_GCC} (a gcc that was built with isl)"


def find_family(settings: Settings, family: str) -> Compiler | None:
    """Return the compiler of that family, seen to work; None if there is none."""
    if family == "icx":
        path = shutil.which("icx")
        return _identify_icx(path) if path else None
    return next((found for found in find_compilers(settings) if found.facts.family == family), None)


@functools.cache
def _identify_icx(path: str) -> Compiler | None:
    try:
        completed = run((path, "--version"), cwd=Path("/"), timeout_s=10.0, output_bytes=1 << 16)
    except OSError:
        return None
    # "Intel(R) oneAPI DPC++/C++ Compiler 2024.1.0 (2024.1.0.20240308)"
    line = next(iter(completed.stdout.decode("utf-8", "replace").splitlines()), "")
    words = line.partition("Compiler ")[2].partition(".")[0]
    if not completed.ok or not words.isdecimal():
        return None
    return Compiler(CompilerFacts("icx", path, line[:200], int(words)))


@functools.cache
def takes(compiler: Compiler, flags: tuple[str, ...]) -> bool:
    """Return True if a small loop nest builds and runs with ``flags``; tried once per process."""
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        source = folder / "probe.c"
        source.write_text(_PROBE)
        made = build(compiler, source, folder / "probe", flags, language="c", cwd=folder, limits=_PROBE_LIMITS)
        if isinstance(made, BuildFailed):
            return False
        try:
            return run(
                (made.binary,),
                cwd=folder,
                timeout_s=10.0,
                environment={"OMP_NUM_THREADS": "2"},
                sandbox=compiler.sandbox,
            ).ok
        except OSError:
            return False


def first_error(output: str) -> str:
    """Return the line of a compiler's output that names the error, else its first line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line or "undefined reference" in line]
    return (telling or lines or ["no output"])[0][:300]
