"""loopwright: serial C/C++ loop nests into parallel code that is proved, tested and measured.

    >>> import loopwright as lw
    >>> report = lw.analyze("kernels/matmul/kernel.c")  # doctest: +SKIP
    >>> report = lw.optimize("solver.c", function="sweep", model="none")  # doctest: +SKIP

Importing this package does no work; the stages load on first use.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from loopwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopwright.config import Settings
    from loopwright.core.report import AnalysisReport, OptimizeReport, VerifyReport

__all__ = ["__version__", "analyze", "optimize", "verify"]


def analyze(
    path: str | Path,
    *,
    flags: tuple[str, ...] = (),
    function: str | None = None,
    settings: Settings | None = None,
) -> AnalysisReport:
    """Say of each loop in a C or C++ file whether it may run in parallel, and why not.

    Args:
        path: The file.
        flags: Compiler flags that it needs (``-I``, ``-D``, ``-std``).
        function: Look at this function alone.
        settings: Everything else; read from the environment if not given.

    Raises:
        UserError: The file cannot be read or does not parse.
    """
    from loopwright import pipeline

    return pipeline.analyze(Path(path), flags=flags, function=function, settings=settings)


def optimize(
    path: str | Path,
    *,
    flags: tuple[str, ...] = (),
    function: str | None = None,
    model: str | None = None,
    strategy: str | None = None,
    settings: Settings | None = None,
    progress: Callable[[str], None] | None = None,
) -> OptimizeReport:
    """Find, prove, generate, verify and time parallel versions of the file's nests; the report holds the patch.

    Nothing is written. ``model`` and ``strategy`` override those of ``settings``.

    Raises:
        UserError: The file cannot be read or does not parse.
        ToolchainError: There is no compiler.
        ModelError: ``model`` was named and cannot be opened.
    """
    from dataclasses import replace

    from loopwright import pipeline
    from loopwright.config import from_environment

    chosen = settings or from_environment()
    chosen = replace(chosen, model=model or chosen.model, strategy=strategy or chosen.strategy)
    return pipeline.optimize(Path(path), flags=flags, function=function, settings=chosen, progress=progress)


def verify(
    original: str | Path,
    candidate: str | Path,
    *,
    flags: tuple[str, ...] = (),
    function: str | None = None,
    settings: Settings | None = None,
) -> VerifyReport:
    """Try to tell ``candidate`` from ``original`` with compilers, differential tests and sanitizers.

    Raises:
        UserError: A file cannot be read, or the original does not parse.
        ToolchainError: There is no compiler.
    """
    from loopwright import pipeline

    return pipeline.verify_files(Path(original), Path(candidate), flags=flags, function=function, settings=settings)
