"""``loopwright analyze``: may each loop run in parallel, and if not, why."""

from __future__ import annotations

from loopwright.cli.failure import EXIT_YES
from loopwright.cli.flags import compiler_flags
from loopwright.cli.options import (
    DatabaseOption,
    FileArgument,
    FlagsArgument,
    FloatingPointOption,
    Format,
    FormatOption,
    FunctionOption,
    make_settings,
)
from loopwright.cli.output import print_document, print_text, source_lines
from loopwright.cli.progress import progress
from loopwright.render.json_report import analysis_document
from loopwright.render.text import render_analysis

EPILOG = """Examples:

loopwright analyze solver.c

loopwright analyze solver.c --function sweep -- -Iinclude -DN=512

loopwright analyze src/solver.cpp -p build --format json

Exit status: 0 if the file was analysed, whatever the answer; 2 if it could not be."""


def analyze(
    file: FileArgument,
    flags: FlagsArgument = None,
    output_format: FormatOption = Format.TEXT,
    function: FunctionOption = None,
    floating_point: FloatingPointOption = None,
    database: DatabaseOption = None,
) -> int:
    """Say of every loop whether it may run in parallel, under which assumptions, and if not, why.

    Nothing is compiled, run or written.
    """
    settings = make_settings(floating_point=floating_point)
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
