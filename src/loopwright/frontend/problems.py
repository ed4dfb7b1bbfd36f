"""Constructs that keep a loop from being analysed, whatever stands around them."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.frontend.syntax import DirectiveStmt, Extent, ForStmt, JumpStmt, Stmt, UnknownStmt


@dataclass(frozen=True, slots=True)
class Problem:
    """A construct that keeps a loop from being the root of a nest."""

    code: Code
    reason: str
    extent: Extent


def statement_problem(statement: Stmt) -> Problem | None:
    """Return what a statement by itself, without those inside it, is a problem by; None if it is none."""
    match statement:
        case JumpStmt():
            return Problem(Code.GOTO, "goto or a label is not analysed", statement.extent)
        case DirectiveStmt():
            return Problem(Code.ALREADY_PARALLEL, "the code already has an OpenMP directive", statement.extent)
        case UnknownStmt(what=what):
            return Problem(Code.UNKNOWN_CONSTRUCT, f"{what} is not analysed", statement.extent)
        case ForStmt(pragma=str() as pragma) if pragma:
            return Problem(Code.ALREADY_PARALLEL, f"the loop already has a directive: {pragma}", statement.extent)
        case _:
            return None
