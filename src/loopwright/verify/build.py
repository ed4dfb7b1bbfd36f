"""Stage COMPILE: the candidate compiles with every compiler that compiles the original, new warnings are reported."""

from __future__ import annotations

import re

from loopwright.core.codes import Code
from loopwright.core.verdict import Finding, Stage
from loopwright.toolchain.compiler import BuildFailed
from loopwright.verify.ladder import DELIVERED, SERIAL, Climb, failed, first_line, passed


def check_build(climb: Climb) -> Finding:
    """Return the finding of this stage."""
    labels: list[str] = []
    warnings: list[str] = []
    for compiler in climb.compilers:
        before = climb.build(compiler, SERIAL, original=True)
        after = climb.build(compiler, DELIVERED)
        if isinstance(before, BuildFailed):
            # What this compiler does not accept of the original it need not accept of the candidate.
            climb.notes.append(f"{compiler.label} does not compile the original: {first_line(before.output)}")
            continue
        if isinstance(after, BuildFailed):
            return failed(Stage.COMPILE, Code.BUILD_FAILED, f"{compiler.label}: {first_line(after.output)}")
        labels.append(compiler.label)
        warnings += [f"{compiler.label}: {text}" for text in new_warnings(before.warnings, after.warnings)]
    if not labels:
        return failed(Stage.COMPILE, Code.NO_HARNESS, "; ".join(climb.notes) or "no compiler")
    detail = f"{' and '.join(labels)}, -Wall -Wextra"
    detail += f"; new warnings: {'; '.join(warnings[:3])}" if warnings else "; no new warnings"
    return passed(Stage.COMPILE, detail)


def new_warnings(before: str, after: str) -> list[str]:
    """Return the warnings of ``after`` that ``before`` does not have, places left out of the comparison."""
    known = {_message(line) for line in before.splitlines()}
    found: list[str] = []
    for line in after.splitlines():
        if "warning:" in line and _message(line) not in known:
            found.append(" ".join(line.split())[:200])
    return found


def _message(line: str) -> str:
    return re.sub(r"\d+", "#", line.partition("warning:")[2])
