"""The entry point of the program: loads the commands, which takes a moment, and runs the one that is asked for."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_INTERRUPTED = 130


def run() -> NoReturn:
    """Run the command that the command line asks for and leave with its exit code, also while the modules load."""
    # Where interrupts are ignored (a job in the background of a script), they stay so.
    is_heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heeded:
        # An exception would end in a traceback, and modules in C may swallow it; there is nothing to clean up yet.
        signal.signal(signal.SIGINT, _leave_at_once)
    from loopwright.cli import main

    if is_heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main.run()


def _leave_at_once(_signal: int, _frame: object) -> NoReturn:
    os.write(2, b"loopwright: error: interrupted\n")
    os._exit(_INTERRUPTED)
