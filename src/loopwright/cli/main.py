"""The console script: which commands there are, and how any of them ends.

``run`` is the entry point, ``main`` the same without leaving the interpreter. A command returns its exit code and
raises what stops it; the one place that turns an exception into a line on standard error is here.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Annotated, NoReturn, cast

import typer

from loopwright.cli import analyze, bench, doctor, models, optimize, report, verify
from loopwright.cli.failure import (
    EXIT_BROKEN_PIPE,
    EXIT_CANNOT,
    EXIT_INTERRUPTED,
    EXIT_YES,
    Terminated,
    report_failure,
)
from loopwright.cli.paths_and_flags import PathsAndFlags
from loopwright.version import __version__


@dataclass(slots=True)
class Invocation:
    """What holds for one run of the program: whether to show tracebacks, and the words of the command line."""

    debug: bool = False
    arguments: tuple[str, ...] = ()


app = typer.Typer(
    name="loopwright",
    help="Turn serial C and C++ loop nests into parallel code that is proved, tested and measured.",
    no_args_is_help=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: loopwright doctor, then loopwright analyze FILE.c, then loopwright optimize FILE.c",
)
app.command(epilog=doctor.EPILOG)(doctor.doctor)
app.command(epilog=analyze.EPILOG, cls=PathsAndFlags)(analyze.analyze)
app.command(epilog=optimize.EPILOG)(optimize.optimize)
app.command(epilog=verify.EPILOG)(verify.verify)
app.command(epilog=report.EPILOG)(report.report)
app.add_typer(bench.app, name="bench")
app.add_typer(models.app, name="models")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"loopwright {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="LOOPWRIGHT_DEBUG", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Turn serial C and C++ loop nests into parallel code that is proved, tested and measured."""
    cast("Invocation", context.obj).debug = debug


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; standard error holds one line for everything that stops it."""
    invocation = Invocation(arguments=tuple(arguments))
    try:
        code = app(args=list(arguments), prog_name="loopwright", standalone_mode=False, obj=invocation)
        if code == EXIT_INTERRUPTED:  # typer swallows the interrupt itself
            raise KeyboardInterrupt
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # typer turns a closed pipe into an exit; nothing else here asks for one
        return EXIT_BROKEN_PIPE
    # The outermost place: whatever happens, the user reads one line (STYLE.md, errors and the CLI).
    except BaseException as error:
        return report_failure(error, debug=invocation.debug, as_json=_wants_json(arguments))
    return code if isinstance(code, int) else EXIT_YES


def run() -> NoReturn:
    """Run the command that the command line asks for and leave with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        # A name in the user's file may not exist in the locale's encoding; that must not end the run.
        cast("TextIOWrapper", stream).reconfigure(errors="backslashreplace")
    try:
        code = main(sys.argv[1:])
    except OSError:  # standard output and standard error are both gone
        code = EXIT_CANNOT
    _leave(code)


def _leave(code: int) -> NoReturn:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # The interpreter flushes again when it ends, and would complain: give it somewhere to write to.
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            for stream in (sys.stdout, sys.stderr):
                os.dup2(null, stream.fileno())
    sys.exit(code)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise Terminated


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return True if JSON was asked for; read from the text, since the options may not have parsed."""
    own = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    pairs = itertools.pairwise(own)
    return "--format=json" in own or ("--format", "json") in pairs
