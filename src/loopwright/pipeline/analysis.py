"""File -> AnalysisReport: the frontend and legality, nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.analysis import NestAnalysis
from loopwright.core.codes import Code
from loopwright.core.report import AnalysisReport
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.extract import extract
from loopwright.legality.analyze import analyze_nest

Progress = Callable[[str], None]


def silent(_message: str) -> None:
    """Report progress to nobody."""


def read_source(path: Path, flags: tuple[str, ...]) -> Source:
    """Return the file with its flags.

    Raises:
        UserError: It is a directory, is empty, or cannot be read.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UserError(Code.CANNOT_READ, f"the name {str(path)!r} is not UTF-8", "rename the file") from None
    if path.is_dir():
        raise UserError(Code.CANNOT_READ, f"{path} is a directory", "name one C or C++ file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(Code.CANNOT_READ, f"cannot read {path}: {error.strerror}", "check the path") from None
    if not content.strip():
        raise UserError(Code.CANNOT_READ, f"{path} is empty", "name a file that defines a function")
    return Source(str(path.resolve()), content, flags)


def analyze(
    path: Path,
    *,
    flags: tuple[str, ...] = (),
    function: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> AnalysisReport:
    """Analyse every nest of ``path``, or those of ``function``.

    Raises:
        UserError: The file cannot be read, does not parse, or has no such function.
    """
    chosen = settings or from_environment()
    say = progress or silent
    start = time.monotonic()
    say(f"parsing {path}")
    unit = extract(read_source(path, flags), chosen, function)
    analyses: list[NestAnalysis] = []
    for nest in unit.nests:
        say(f"analysing {nest.id}")
        analyses.append(analyze_nest(nest, fp_strict=chosen.fp_strict))
    unsupported = tuple(item for entry in unit.functions for item in entry.unsupported)
    return AnalysisReport(str(path), tuple(analyses), unsupported, unit.warnings, time.monotonic() - start)
