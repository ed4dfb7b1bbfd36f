"""``loopwright verify``: try to tell a candidate from its original."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loopwright.cli.failure import EXIT_NO, EXIT_YES
from loopwright.cli.flags import compiler_flags
from loopwright.cli.options import (
    DEFAULT_BUDGET,
    DEFAULTS,
    BudgetOption,
    DatabaseOption,
    FlagsArgument,
    FloatingPointOption,
    Format,
    FormatOption,
    FunctionOption,
    SeedOption,
    ThreadsOption,
    make_settings,
    nameable,
)
from loopwright.cli.output import print_document, print_text
from loopwright.cli.progress import progress
from loopwright.render.json_report import verify_document
from loopwright.render.text import render_verify

EPILOG = """Examples:

loopwright verify solver.c solver_parallel.c

loopwright verify solver.c solver_parallel.c --function sweep --format json -- -Iinclude

Exit status: 0 if every function that differs was accepted; 1 if one was not, or none was checked; 2 if the files
could not be worked on."""

OriginalArgument = Annotated[
    Path, typer.Argument(metavar="ORIGINAL", help="The file to trust.", show_default=False, callback=nameable)
]
CandidateArgument = Annotated[
    Path, typer.Argument(metavar="CANDIDATE", help="The file to check.", show_default=False, callback=nameable)
]


def verify(
    original: OriginalArgument,
    candidate: CandidateArgument,
    flags: FlagsArgument = None,
    output_format: FormatOption = Format.TEXT,
    function: FunctionOption = None,
    floating_point: FloatingPointOption = None,
    threads: ThreadsOption = DEFAULTS.threads,
    budget: BudgetOption = DEFAULT_BUDGET,
    seed: SeedOption = DEFAULTS.seed,
    database: DatabaseOption = None,
) -> int:
    """Check that CANDIDATE computes what ORIGINAL computes, whoever wrote it.

    Every function that differs is compiled, run on generated inputs beside the original, and run under the
    sanitizers. The first stage that fails is named.
    """
    settings = make_settings(threads=threads, seed=seed, budget=budget, floating_point=floating_point)
    with progress() as say:
        say(f"reading {original} and {candidate}")
        # Loaded here, behind the first words to the user: the stages are slow to load.
        from loopwright import pipeline

        chosen = compiler_flags(original, flags, database, say)
        report = pipeline.verify_files(
            original, candidate, flags=chosen, function=function, settings=settings, progress=say
        )
    if output_format is Format.JSON:
        print_document(verify_document(report))
    else:
        print_text(render_verify(report))
    return EXIT_YES if report.accepted else EXIT_NO
