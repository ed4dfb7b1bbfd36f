"""``loopwright analyze``: may each loop run in parallel, and if not, why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from loopwright.cli.failure import EXIT_CANNOT, EXIT_YES
from loopwright.cli.flags import compiler_flags
from loopwright.cli.options import (
    DatabaseOption,
    FloatingPointOption,
    Format,
    FormatOption,
    FunctionOption,
    make_settings,
    nameable,
)
from loopwright.cli.output import print_document, print_text, source_lines
from loopwright.cli.paths_and_flags import flags_of
from loopwright.cli.progress import progress
from loopwright.config import Settings, parse_duration
from loopwright.core.codes import Code
from loopwright.core.survey import FileOutcome
from loopwright.errors import UserError
from loopwright.render.json_report import analysis_document
from loopwright.render.survey_report import render_survey, survey_document
from loopwright.render.text import render_analysis

EPILOG = """Examples:

loopwright analyze solver.c

loopwright analyze solver.c --function sweep -- -Iinclude -DN=512

loopwright analyze src/solver.cpp -p build --format json

loopwright analyze src lib/fft.c --jobs 8 -- -Iinclude

loopwright analyze -p build/compile_commands.json --summary

One file alone has to parse. Of many, each is looked at as far as it parses.

Exit status: 0 if the files were analysed, whatever the answer; 2 if none could be."""

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH...", help="C or C++ files, and folders of them.", show_default=False),
]
JobsOption = Annotated[
    int, typer.Option("--jobs", "-j", metavar="N", min=0, max=1024, help="Files at a time; 0 for all cores.")
]
FileLimitOption = Annotated[
    str, typer.Option("--file-limit", metavar="TIME", help="Time for one file of many: 30s, 2m, 1h.")
]
NestLimitOption = Annotated[str, typer.Option("--nest-limit", metavar="TIME", help="Time for one loop nest.")]
SummaryOption = Annotated[bool, typer.Option("--summary", help="Of many files, show the totals alone.")]
CacheOption = Annotated[
    bool, typer.Option("--cache/--no-cache", help="Of many files, take the answers for those that did not change.")
]
_LIMITS = Settings().limits


def analyze(
    context: typer.Context,
    paths: PathsArgument = None,
    output_format: FormatOption = Format.TEXT,
    function: FunctionOption = None,
    floating_point: FloatingPointOption = None,
    database: DatabaseOption = None,
    jobs: JobsOption = 0,
    file_limit: FileLimitOption = f"{_LIMITS.file_s:g}s",
    nest_limit: NestLimitOption = f"{_LIMITS.nest_s:g}s",
    summary: SummaryOption = False,
    cache: CacheOption = True,
) -> int:
    """Say of every loop whether it may run in parallel, under which assumptions, and if not, why.

    Nothing is compiled or run, and no file of yours is written.
    """
    flags = flags_of(context)
    settings = make_settings(floating_point=floating_point)
    limits = replace(settings.limits, file_s=parse_duration(file_limit), nest_s=parse_duration(nest_limit))
    settings = replace(settings, limits=limits)
    chosen = [nameable(path) for path in paths or ()]
    if not chosen and database is None:
        raise UserError(Code.BAD_OPTION, "missing argument PATH", "see loopwright analyze --help")
    if len(chosen) == 1 and not chosen[0].is_dir():
        return _analyze_one(chosen[0], flags, database, function, settings, output_format)
    if function is not None:
        raise UserError(Code.BAD_OPTION, "--function goes with one file", "name that file alone")
    with progress() as say:
        say("looking for files")
        from loopwright import pipeline

        report = pipeline.analyze_files(
            chosen,
            flags=tuple(flags),
            database=database,
            settings=settings,
            jobs=jobs,
            use_cache=cache,
            progress=say,
        )
    if output_format is Format.JSON:
        print_document(survey_document(report, with_files=not summary))
    else:
        print_text(render_survey(report, with_files=not summary))
    done = report.totals.outcome(FileOutcome.ANALYSED) + report.totals.outcome(FileOutcome.INCOMPLETE)
    return EXIT_YES if done else EXIT_CANNOT


def _analyze_one(
    file: Path,
    flags: list[str],
    database: Path | None,
    function: str | None,
    settings: Settings,
    output_format: Format,
) -> int:
    with progress() as say:
        say(f"reading {file}")
        # Loaded here, behind the first words to the user: the stages are slow to load.
        from loopwright import pipeline

        chosen = compiler_flags(file, flags, database, say)
        report = pipeline.analyze(file, flags=chosen, function=function, settings=settings, progress=say)
    if output_format is Format.JSON:
        print_document(analysis_document(report))
    else:
        print_text(render_analysis(report, source_lines(file)))
    return EXIT_YES
