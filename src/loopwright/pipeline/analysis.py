"""File -> AnalysisReport: the frontend and legality, nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.analysis import LoopAnalysis, NestAnalysis
from loopwright.core.codes import Code
from loopwright.core.function import FileDoubt
from loopwright.core.legality import Proved, Refuted, Undecided
from loopwright.core.report import AnalysisReport
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.survey import survey
from loopwright.frontend.unit import builtin_include
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
    say(f"parsing {path}")
    return analyze_file(path, flags, builtin_include(chosen), chosen, function=function, progress=say)


def analyze_file(
    path: Path,
    flags: tuple[str, ...],
    include: str | None,
    settings: Settings,
    *,
    function: str | None = None,
    goes_on: bool = False,
    progress: Progress = silent,
) -> AnalysisReport:
    """Analyse one file.

    Args:
        path: The file.
        flags: The compiler's.
        include: Folder of a compiler's own headers.
        settings: Floating point, and the time that a nest may take.
        function: Look at this function only.
        goes_on: Say what can be said of a file that does not parse whole; nothing of it is then proved or refuted.
        progress: Is told of each nest.

    Raises:
        UserError: The file cannot be read, has no such function, or does not parse (with ``goes_on``: not at all).
    """
    start = time.monotonic()
    found = survey(read_source(path, flags), include, function, goes_on=goes_on, nest_s=settings.limits.nest_s)
    analyses: list[NestAnalysis] = []
    for nest in found.nests:
        progress(f"analysing {nest.id}")
        analysis = analyze_nest(nest, fp_strict=settings.fp_strict, time_limit_s=settings.limits.nest_s)
        analyses.append(analysis if found.doubt is None else _doubted(analysis, found.doubt))
    return AnalysisReport(
        str(path),
        tuple(analyses),
        found.unsupported,
        found.warnings,
        time.monotonic() - start,
        found.functions,
        found.doubt,
        found.headers,
    )


def _doubted(analysis: NestAnalysis, doubt: FileDoubt) -> NestAnalysis:
    """Return the analysis with no loop proved or refuted: what was not understood may change what the text says."""
    return replace(analysis, loops=tuple(_doubted_loop(analysis, loop, doubt) for loop in analysis.loops))


def _doubted_loop(analysis: NestAnalysis, loop: LoopAnalysis, doubt: FileDoubt) -> LoopAnalysis:
    match loop.legality:
        case Proved(plan=plan):
            reason = f"nothing forbids it in the text as far as it was understood, but {doubt.reason}"
            legality = Undecided(plan, doubt.code, reason, analysis.nest.loop(loop.loop).header, waivable=False)
        case Refuted(plan=plan, code=code, reason=reason):
            legality = Undecided(plan, code, reason, analysis.nest.loop(loop.loop).header, waivable=False)
        case _:
            return loop
    return replace(loop, legality=legality)
