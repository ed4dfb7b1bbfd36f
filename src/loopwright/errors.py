"""The exceptions of loopwright: bad input, a broken environment, a model that fails.

A refuted plan, a failed build or a wrong result is an answer, and so a value; see
``core.legality`` and ``core.verdict``. Each exception carries the one line that the user
reads: what happened, where, and what to do.
"""

from __future__ import annotations

from loopwright.core.codes import Code


class LoopwrightError(Exception):
    """Base of every error that a user may meet.

    Attributes:
        code: The stable reason code.
        hint: What to do, as a clause; may be empty.
    """

    def __init__(self, code: Code, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint

    def one_line(self) -> str:
        """Return the message, the code and the hint on one line."""
        text = f"{self.code.value}: {self.args[0]}"
        return " ".join((f"{text}; {self.hint}" if self.hint else text).split())


class UserError(LoopwrightError):
    """The input cannot be used: no such file, it does not parse, a bad option."""


class ToolchainError(LoopwrightError):
    """The environment cannot do what was asked: no compiler, no space on the disk."""


class ModelError(LoopwrightError):
    """A language model could not answer.

    Attributes:
        retryable: True if the same call may succeed later (time-out, server busy).
    """

    def __init__(self, code: Code, message: str, hint: str = "", *, retryable: bool = False) -> None:
        super().__init__(code, message, hint)
        self.retryable = retryable
