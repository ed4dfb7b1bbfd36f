"""``loopwright optimize``: a patch with its evidence, or the reasons why there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loopwright.cli.failure import EXIT_NO, EXIT_YES
from loopwright.cli.files import replace_with_backup, require_writable, write_whole
from loopwright.cli.flags import compiler_flags
from loopwright.cli.options import (
    DEFAULT_BUDGET,
    DEFAULTS,
    AcceptOption,
    BudgetOption,
    DatabaseOption,
    FileArgument,
    FlagsArgument,
    FloatingPointOption,
    Format,
    FormatOption,
    FunctionOption,
    ModelOption,
    ModelUrlOption,
    SeedOption,
    StrategyOption,
    ThreadsOption,
    make_settings,
)
from loopwright.cli.output import print_document, print_text, source_lines, to_json
from loopwright.cli.patch import apply_patch
from loopwright.cli.progress import Say, progress
from loopwright.core.report import NestOutcome, OptimizeReport
from loopwright.render.json_report import Document, optimize_document
from loopwright.render.lines import prose
from loopwright.render.text import render_optimize

EPILOG = """Examples:

loopwright optimize solver.c

loopwright optimize solver.c --function sweep --budget 2m -o out -- -Iinclude -DN=512

loopwright optimize solver.c --model none --in-place

loopwright optimize solver.c --model openai:qwen2.5:1.5b --model-url http://localhost:11434/v1 --strategy tot

Exit status: 0 if a patch was delivered; 1 if the original is best kept; 2 if the file could not be worked on."""

OutputOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for NAME.patch and NAME.report.json.")
]
InPlaceOption = Annotated[
    bool, typer.Option("--in-place", help="Also change FILE itself; what it held is kept in FILE.orig.")
]


def optimize(
    file: FileArgument,
    flags: FlagsArgument = None,
    output: OutputOption = Path("loopwright-out"),
    in_place: InPlaceOption = False,
    output_format: FormatOption = Format.TEXT,
    function: FunctionOption = None,
    model: ModelOption = None,
    model_url: ModelUrlOption = None,
    strategy: StrategyOption = DEFAULTS.strategy,
    accept: AcceptOption = None,
    floating_point: FloatingPointOption = None,
    threads: ThreadsOption = DEFAULTS.threads,
    budget: BudgetOption = DEFAULT_BUDGET,
    seed: SeedOption = DEFAULTS.seed,
    database: DatabaseOption = None,
) -> int:
    """Find loops that run faster in parallel, and write a patch with its evidence.

    Each change is proved legal (or, with --accept tested, tested), checked with compilers, differential tests and
    sanitizers, and timed against the best serial build. What is not faster is not delivered.
    """
    settings = make_settings(
        threads=threads,
        seed=seed,
        budget=budget,
        floating_point=floating_point,
        accept=accept,
        model=model,
        model_url=model_url,
        strategy=strategy,
    )
    require_writable(output)
    if in_place:
        require_writable(file.resolve().parent)
    with progress() as say:
        say(f"reading {file}")
        # Loaded here, behind the first words to the user: the stages are slow to load.
        from loopwright import pipeline

        chosen = compiler_flags(file, flags, database, say)
        report = pipeline.optimize(file, flags=chosen, function=function, settings=settings, progress=say)
        source = source_lines(file)
        written = _write(file, report, output, in_place, say)
    delivered = any(nest.outcome is NestOutcome.DELIVERED for nest in report.nests)
    if output_format is Format.JSON:
        print_document(optimize_document(report))
    else:
        print_text(render_optimize(report, source))
        print_text(prose(f"wrote {', '.join(written)}"))
    return EXIT_YES if delivered else EXIT_NO


def _write(file: Path, report: OptimizeReport, output: Path, in_place: bool, say: Say) -> list[str]:
    """Write the patch, the report and, if asked, the file; return their names.

    The patch is written even if it is empty, so that one of an earlier run never stands beside a new report.
    """
    document: Document = optimize_document(report)
    patch_path, report_path = output / f"{file.stem}.patch", output / f"{file.stem}.report.json"
    patch = report.patch.encode("utf-8", "surrogateescape")
    write_whole(patch_path, patch)
    write_whole(report_path, f"{to_json(document)}\n".encode())
    written = [str(patch_path), str(report_path)]
    if in_place and patch:
        say(f"changing {file}")
        before = file.read_bytes()
        backup = replace_with_backup(file, before, apply_patch(before, patch))
        written += [str(file), f"{backup.name} (what it held)"]
    return written
