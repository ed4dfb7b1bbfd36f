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

    The candidate is never parsed for this: whatever it holds, it must compile in the original's place.

    Raises:
        UserError: A file cannot be read, the original does not parse, or nothing in it can be run.
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
            verdicts.append((entry.name, verify_pair(harness, before.content, after.content, chosen, progress=say)))
    if not verdicts:
        detail = warnings[-1] if warnings else "it defines no function"
        raise UserError(Code.NO_HARNESS, f"nothing in {original} can be run: {detail}", "write a kernel.toml beside it")
    return VerifyReport(str(original), str(candidate), tuple(verdicts), time.monotonic() - start, tuple(warnings))


def _to_check(unit: TranslationUnit, candidate: Source, settings: Settings, name: str | None) -> list[Function]:
    """Return the functions whose text the candidate changed.

    All of them if something outside every function changed (a macro, a global), if nothing did, or if the candidate
    does not parse and so cannot be compared; whatever is wrong with it then shows when it is compiled.
    """
    if name is not None:
        return [entry for entry in unit.functions if entry.name == name]
    try:
        other = extract(candidate, settings)
    except UserError:
        return list(unit.functions)
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
