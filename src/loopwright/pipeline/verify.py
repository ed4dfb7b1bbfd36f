"""Two files -> VerifyReport: does the second do what the first does?"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from loopwright.config import Settings, from_environment
from loopwright.core.codes import Code
from loopwright.core.function import Function, TranslationUnit
from loopwright.core.report import VerifyReport
from loopwright.core.source import Source
from loopwright.core.verdict import Verdict
from loopwright.errors import UserError
from loopwright.frontend.extract import extract
from loopwright.harness.driver import user_text
from loopwright.harness.harness import Harness
from loopwright.harness.spec import load_spec
from loopwright.harness.subject import NoHarness, make_subject
from loopwright.pipeline.analysis import Progress, read_source, silent
from loopwright.toolchain.compiler import require_compilers
from loopwright.verify.check import verify_pair


def verify_files(
    original: Path,
    candidate: Path,
    *,
    flags: tuple[str, ...] = (),
    function: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Check every function that differs between the files, or the one that is named.

    Raises:
        UserError: A file cannot be read or does not parse, the candidate lacks a function that is to be checked, or
            nothing in the original can be run.
        ToolchainError: There is no compiler.
    """
    chosen = settings or from_environment()
    say = progress or silent
    start = time.monotonic()
    before, after = read_source(original, flags), read_source(candidate, flags)
    require_compilers(chosen)
    unit = extract(before, chosen, function)
    spec = load_spec(original)
    verdicts: list[tuple[str, Verdict]] = []
    warnings = list(unit.warnings)
    # Compilers and sanitizers then speak of the candidate's lines, not of the original's.
    changed = user_text(after, after.content)
    with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        queue = _to_check(unit, after, chosen, function)
        for entry in queue:
            subject = make_subject(unit, entry, spec)
            if isinstance(subject, NoHarness):
                warnings.append(f"{entry.name}: checked through its callers alone: {subject.code}: {subject.reason}")
                queue.extend(caller for caller in _callers(unit, entry.name) if caller not in queue)
                continue
            say(f"verifying {entry.name}")
            harness = Harness(subject, chosen, Path(scratch) / entry.name)
            verdicts.append((entry.name, verify_pair(harness, before.content, changed, chosen, progress=say)))
    if not verdicts:
        detail = warnings[-1] if warnings else "it defines no function"
        raise UserError(Code.NO_HARNESS, f"nothing in {original} can be run: {detail}", "write a kernel.toml beside it")
    return VerifyReport(str(original), str(candidate), tuple(verdicts), time.monotonic() - start, tuple(warnings))


def _to_check(unit: TranslationUnit, candidate: Source, settings: Settings, name: str | None) -> list[Function]:
    """Return the functions whose text the candidate changed.

    All of them if something outside every function changed (a macro, a global), if nothing did, or if a header is not
    found beside the candidate, which so cannot be compared: it is compiled in the original's place.

    Raises:
        UserError: The candidate does not parse, or lacks a function.
    """
    wanted = [entry for entry in unit.functions if name in (None, entry.name)]
    try:
        other = extract(candidate, settings)
    except UserError as error:
        if error.code is Code.HEADER_MISSING:
            return wanted
        raise
    known = {entry.name for entry in other.functions}
    absent = [entry.name for entry in wanted if entry.name not in known]
    if absent:
        hint = "the candidate must define every function that is checked"
        raise UserError(Code.NO_SUCH_FUNCTION, f"{candidate.path} has no function {absent[0]}", hint)
    if name is not None:
        return wanted
    if _outside(unit) != _outside(other):
        return list(unit.functions)
    texts = {other.source.text(entry.span) for entry in other.functions}
    changed = [entry for entry in unit.functions if unit.source.text(entry.span) not in texts]
    return changed or list(unit.functions)


def _outside(unit: TranslationUnit) -> bytes:
    """Return the file without its function definitions."""
    content = unit.source.content
    for entry in sorted(unit.functions, key=lambda entry: entry.span.start, reverse=True):
        content = content[: entry.span.start] + content[entry.span.end :]
    return content


def _callers(unit: TranslationUnit, name: str) -> list[Function]:
    return [entry for entry in unit.functions if name in entry.calls and entry.name != name]
