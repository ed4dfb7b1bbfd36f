"""Libraries as ceilings: code that others have tuned for years, called through the kernel's own signature.

A kernel takes part where its ``library.py`` defines a function of the method's name (docs/bench-baselines.md).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

from loopwright.baselines.base import Baseline, Kernel
from loopwright.baselines.foreign.definitions import undefined
from loopwright.baselines.foreign.interpreter import find_interpreter
from loopwright.baselines.foreign.packages import Package, missing_packages
from loopwright.baselines.foreign.prepare import Check, Guest, prepare_guest
from loopwright.baselines.foreign.processor import openblas_cores, processor_flags
from loopwright.baselines.foreign.report import Report
from loopwright.baselines.foreign.shim import unsuitable
from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant

NUMPY = Package("numpy", "numpy")
TORCH = Package("torch", "torch", "2.13.0")
SCIPY = Package("scipy", "scipy")
_FFTW = ("libfftw3.so.3", "libfftw3_threads.so.3")


@dataclass(frozen=True, slots=True)
class Library:
    """A baseline whose code is a library's.

    Attributes:
        name: Of the method, and of the function in ``library.py``.
        packages: Python packages that it needs.
        claims_threads: It uses all threads wherever that pays, so that one that works alone is set up wrongly.
        label: Library and version, from what a process said.
        check: Objections from the same.
        lacks: Says what else is not installed.
        kind: LIBRARY, or TUNER where the function is generated on the spot.
    """

    name: str
    packages: tuple[Package, ...]
    claims_threads: bool
    label: Callable[[Report], str]
    check: Check = lambda report, threads: ()
    lacks: Callable[[], str | None] = lambda: None
    kind: MethodKind = MethodKind.LIBRARY

    def missing(self, settings: Settings) -> str | None:
        """Return what is not installed; see ``Baseline``."""
        interpreter = find_interpreter()
        return (
            missing_packages(self.packages) or self.lacks() or (interpreter if isinstance(interpreter, str) else None)
        )

    def inapplicable(self, kernel: Kernel) -> str | None:
        """Return why the kernel has no version in this library; see ``Baseline``."""
        return undefined(kernel, self.name) or unsuitable(kernel)

    def prepare(
        self, kernel: Kernel, case: Case, threads: int, settings: Settings, *, budget_s: float
    ) -> Entrant | MeasurementFailed:
        """Return the build; see ``Baseline``."""
        guest = Guest(self.name, self.kind, self.label, self.claims_threads, self.check)
        prepared = prepare_guest(kernel, case, threads, settings, guest)
        return prepared if isinstance(prepared, MeasurementFailed) else prepared[0]


def openblas() -> Baseline:
    """Return OpenBLAS as numpy ships it, with the kernels that fit the processor."""
    return Library("openblas", (NUMPY,), True, _openblas_label, check_openblas)


def torch() -> Baseline:
    """Return torch on the processor: oneDNN, oneMKL and its own kernels, not all of which use threads."""
    return Library("torch", (TORCH,), False, lambda _: f"torch {TORCH.version}", check_torch)


def fftw() -> Baseline:
    """Return FFTW, which finds out by measuring how many threads it is best to use."""
    return Library("fftw", (NUMPY,), False, lambda _: _fftw_label(), lacks=_missing_fftw)


def scipy() -> Baseline:
    """Return scipy's compiled code, which runs on one thread."""
    return Library("scipy", (SCIPY,), False, lambda _: f"scipy {SCIPY.version}")


def check_openblas(report: Report, threads: int) -> tuple[str, ...]:
    """Return what is wrong with the OpenBLAS that a process used: there is none, old kernels, other threads."""
    if not report.blas:
        return ("no OpenBLAS was loaded",)
    good = openblas_cores(processor_flags())
    found: list[str] = []
    for blas in report.blas:
        if good and blas.core.lower() not in {core.lower() for core in good}:
            found.append(f"OpenBLAS runs kernels for {blas.core} where {good[0]} fits the processor")
        if blas.threads != threads:
            found.append(f"OpenBLAS uses {blas.threads} threads instead of {threads}")
    return tuple(found)


def check_torch(report: Report, threads: int) -> tuple[str, ...]:
    """Return what is wrong with the torch that a process used."""
    if not report.torch_threads:
        return ("torch was not loaded",)
    if report.torch_threads != threads:
        return (f"torch uses {report.torch_threads} threads instead of {threads}",)
    return ()


def _openblas_label(report: Report) -> str:
    blas = report.blas[0] if report.blas else None
    return f"{blas.version}, {blas.core} kernels, numpy {NUMPY.version}" if blas else f"numpy {NUMPY.version}"


def _missing_fftw() -> str | None:
    try:
        for name in _FFTW:
            ctypes.CDLL(name)
    except OSError:
        return "FFTW 3 with threads: apt-get install libfftw3-double3"
    return None


def _fftw_label() -> str:
    try:
        text = (ctypes.c_char * 64).in_dll(ctypes.CDLL(_FFTW[0]), "fftw_version").value
    except (OSError, ValueError):
        return "FFTW 3"
    return text.decode("ascii", "replace").replace("fftw-", "FFTW ", 1).partition("-")[0]
