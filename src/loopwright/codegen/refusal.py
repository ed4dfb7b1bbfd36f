"""How codegen's modules tell ``generate`` that no text can be written; nothing outside the stage sees it."""

from __future__ import annotations

from typing import NoReturn

from loopwright.core.codes import Code


class RefusalError(Exception):
    """No text can be written, and why."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def refuse(code: Code, reason: str) -> NoReturn:
    """Give up on the plan."""
    raise RefusalError(code, reason)
