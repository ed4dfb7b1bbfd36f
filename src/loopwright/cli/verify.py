"""``loopwright verify``: try to tell a candidate from its original; or look for races in one file of OpenMP code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast

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
from loopwright.cli.output import print_document, print_text, source_lines
from loopwright.cli.progress import progress
from loopwright.config import Settings
from loopwright.core.race import RaceVerdict
from loopwright.render.audit import audit_document, render_audit
from loopwright.render.json_report import verify_document
from loopwright.render.text import render_verify

EPILOG = """Examples:

loopwright verify solver.c solver_parallel.c

loopwright verify solver.c solver_parallel.c --function sweep --format json -- -Iinclude

loopwright verify openmp.c

loopwright verify openmp.c --static -- -Iinclude helpers.c

Exit status with two files: 0 if every function that differs was accepted; 1 if one was not, or none was checked. With
one file: 0 if it is race-free; 1 if it has a race, or neither is shown. 2 if the files could not be worked on."""

OriginalArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="The file to trust; or, alone, the file with OpenMP directives to check for races.",
        show_default=False,
        callback=nameable,
    ),
]
CandidateArgument = Annotated[
    str | None, typer.Argument(metavar="[CANDIDATE]", help="The file to check against it.", show_default=False)
]
StaticOption = Annotated[
    bool, typer.Option("--static", help="With one file: do not build and run the program under a race detector.")
]


def verify(
    context: typer.Context,
    original: OriginalArgument,
    candidate: CandidateArgument = None,
    flags: FlagsArgument = None,
    output_format: FormatOption = Format.TEXT,
    function: FunctionOption = None,
    floating_point: FloatingPointOption = None,
    threads: ThreadsOption = DEFAULTS.threads,
    budget: BudgetOption = DEFAULT_BUDGET,
    seed: SeedOption = DEFAULTS.seed,
    database: DatabaseOption = None,
    static: StaticOption = False,
) -> int:
    """Check that CANDIDATE computes what FILE computes; or, without CANDIDATE, that FILE's OpenMP code has no races.

    With two files, every function that differs is compiled, run on generated inputs beside the original, and run under
    the sanitizers; the first stage that fails is named.

    With one file, every OpenMP construct is called race, race-free or unknown: by rules that hold for every execution,
    and, where the file has a main, by runs of the program under ThreadSanitizer. Source files behind -- belong to the
    program.
    """
    settings = make_settings(threads=threads, seed=seed, budget=budget, floating_point=floating_point)
    given = list(flags or ())
    if candidate is not None and behind_dashes(cast("Sequence[str]", context.obj.arguments), [candidate, *given]):
        given.insert(0, candidate)
        candidate = None
    if candidate is None:
        return _audit(original, given, settings, database, output_format, run=not static)
    other = nameable(Path(candidate))
    with progress() as say:
        say(f"reading {original} and {other}")
        # Loaded here, behind the first words to the user: the stages are slow to load.
        from loopwright import pipeline

        chosen = compiler_flags(original, given, database, say)
        report = pipeline.verify_files(
            original, other, flags=chosen, function=function, settings=settings, progress=say
        )
    if output_format is Format.JSON:
        print_document(verify_document(report))
    else:
        print_text(render_verify(report))
    return EXIT_YES if report.accepted else EXIT_NO


def behind_dashes(arguments: Sequence[str], given: list[str]) -> bool:
    """Return True if all of ``given`` stands behind ``--``, so that the first of it is no second file."""
    return "--" in arguments and list(arguments[arguments.index("--") + 1 :]) == given


def _audit(
    path: Path,
    flags: list[str],
    settings: Settings,
    database: Path | None,
    output_format: Format,
    *,
    run: bool,
) -> int:
    with progress() as say:
        say(f"reading {path}")
        from loopwright import pipeline

        chosen = compiler_flags(path, flags, database, say)
        report = pipeline.audit(path, flags=chosen, settings=settings, run=run, progress=say)
    if output_format is Format.JSON:
        print_document(audit_document(report))
    else:
        print_text(render_audit(report, source_lines(path)))
    return EXIT_YES if report.verdict is RaceVerdict.FREE else EXIT_NO
