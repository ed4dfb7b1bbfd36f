"""What every baseline is: the ``Baseline`` protocol, and the kernel that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from loopwright.config import Settings
from loopwright.core.campaign import MethodKind
from loopwright.core.function import Function, TranslationUnit
from loopwright.core.measurement import MeasurementFailed
from loopwright.harness.cases import Case
from loopwright.harness.entrant import Entrant
from loopwright.harness.harness import Harness


@dataclass(frozen=True, slots=True)
class Kernel:
    """A function that is measured, with the harness that calls it.

    Attributes:
        name: ``matmul``; unique in a campaign.
        path: Its C file. Other code for it lies beside it: ``expert.c``, ``library.py``.
        unit: The parsed file.
        function: What is called.
        harness: Around it; every method's code is built into this one.
    """

    name: str
    path: Path
    unit: TranslationUnit
    function: Function
    harness: Harness


class Baseline(Protocol):
    """A way to make a kernel's code that is not ours."""

    @property
    def name(self) -> str:
        """Return the method's name: ``gcc-O3``."""
        ...

    @property
    def kind(self) -> MethodKind:
        """Return what makes the code."""
        ...

    @property
    def claims_threads(self) -> bool:
        """Return True if the name says that the code is parallel."""
        ...

    def missing(self, settings: Settings) -> str | None:
        """Return what is not installed and the command that installs it, or None; takes a second at most."""
        ...

    def inapplicable(self, kernel: Kernel) -> str | None:
        """Return why this kernel cannot be expressed, or None."""
        ...

    def prepare(
        self, kernel: Kernel, case: Case, threads: int, settings: Settings, *, budget_s: float
    ) -> Entrant | MeasurementFailed:
        """Return the build, with the objections of the method's own check; ``missing`` and ``inapplicable`` are None.

        Args:
            kernel: What to build.
            case: The inputs of the field: for a tuner, which tunes for its sizes.
            threads: Of the field.
            settings: Compilers, limits, seed, cache.
            budget_s: For tuning.
        """
        ...
