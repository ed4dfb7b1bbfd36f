"""Every way in which a command can fail, as one line on standard error and an exit code."""

from __future__ import annotations

import errno
import json
import re
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass

from typer.exceptions import TyperException

from loopwright.core.codes import Code
from loopwright.errors import LoopwrightError
from loopwright.render.json_report import error_document
from loopwright.render.printable import printable

EXIT_YES = 0
EXIT_NO = 1
EXIT_CANNOT = 2
# As a shell reports a process that the signal ended.
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143
EXIT_BROKEN_PIPE = 141

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
_MAX_MESSAGE = 500


class Terminated(BaseException):
    """The process was asked to end; unwinds like an interrupt, so that children are killed and files removed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What the user reads: ``code`` is None for a bug of ours and for an interrupt."""

    code: Code | None
    message: str
    hint: str = ""
    exit_code: int = EXIT_CANNOT

    @property
    def line(self) -> str:
        """Return it as one line, whatever the message holds."""
        code = f"{self.code.value}: " if self.code is not None else ""
        message = " ".join(self.message.split())
        if len(message) > _MAX_MESSAGE:
            message = f"{message[:_MAX_MESSAGE]}..."
        hint = f"; {' '.join(self.hint.split())}" if self.hint else ""
        return printable(f"loopwright: error: {code}{message}{hint}")


def describe_failure(error: BaseException) -> Failure:
    """Return what to tell the user of ``error``."""
    match error:
        case LoopwrightError():
            return Failure(error.code, str(error), error.hint)
        case TyperException():
            return Failure(
                Code.BAD_OPTION,
                error.format_message().replace("Value error, ", "").rstrip(".?"),
                _hint(error),
            )
        case KeyboardInterrupt():
            return Failure(None, "interrupted", exit_code=EXIT_INTERRUPTED)
        case Terminated():
            return Failure(None, "terminated", exit_code=EXIT_TERMINATED)
        case OSError() if error.errno in _NO_SPACE:
            place = f" ({error.filename})" if error.filename else ""
            return Failure(Code.CANNOT_WRITE, f"cannot write: {error.strerror}{place}", "make room and run again")
        case MemoryError():
            return Failure(None, "out of memory", "try one function with --function NAME")
        case _:
            what = f"internal error: {type(error).__name__}: {error}"
            return Failure(None, what, "please report this with the output of loopwright --debug")


def report_failure(error: BaseException, *, debug: bool, as_json: bool) -> int:
    """Tell the user of ``error`` and return the exit code.

    Standard error gets exactly one line (with ``debug`` the traceback before it); ``as_json`` puts an error
    document on standard output.
    """
    failure = describe_failure(error)
    if debug:
        traceback.print_exception(error)
    if as_json and failure.exit_code == EXIT_CANNOT:
        with suppress(OSError):  # standard output may be what failed
            print(json.dumps(error_document(failure.code, failure.message, failure.hint), indent=2), flush=True)
    print(failure.line, file=sys.stderr, flush=True)
    return failure.exit_code


def _hint(error: TyperException) -> str:
    option = str(getattr(error, "option_name", ""))
    see = f"see {_command_of(error)} --help"
    is_flag = re.match(r"-[A-Za-z]", option) is not None
    return f"compiler flags go behind --, at the end of the command; {see}" if is_flag else see


def _command_of(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return str(getattr(context, "command_path", "loopwright"))
