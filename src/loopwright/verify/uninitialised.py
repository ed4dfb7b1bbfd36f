"""Stage UNINITIALISED: MemorySanitizer sees no use of uninitialised memory, and no result that derives from it.

Where the original has the same finding nothing can be learnt. One thread: with more it misses what reductions do, and
libomp is not instrumented.
"""

from __future__ import annotations

from loopwright.core.codes import Code
from loopwright.core.verdict import Finding, Stage
from loopwright.harness.results import Run, RunFailed
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import INSTALL_CLANG, BuildFailed, Compiler
from loopwright.toolchain.sanitizer import Sanitizer
from loopwright.verify.ladder import Climb, failed, first_line, passed, skipped

FLAGS = (*sanitizer.flags(Sanitizer.MEMORY), "-fopenmp")


def check_uninitialised(climb: Climb) -> Finding:
    """Return the finding of this stage."""
    compiler = climb.sanitizer_compiler(Sanitizer.MEMORY)
    if compiler is None:
        return skipped(
            Stage.UNINITIALISED,
            f"uninitialised memory was not looked for: clang with MemorySanitizer is missing ({INSTALL_CLANG})",
        )
    build = climb.build(compiler, FLAGS)
    if isinstance(build, BuildFailed):
        return skipped(Stage.UNINITIALISED, f"{compiler.label} does not build it: {first_line(build.output)}")
    climb.progress("looking for uninitialised memory")
    ran = _run(climb, compiler, original=False)
    found = _finding(ran)
    if found is not None:
        before = _run(climb, compiler, original=True)
        if before is not None and _finding(before) is not None and not _is_worse(before, ran):
            return skipped(Stage.UNINITIALISED, f"the original has such a finding, too: {found}")
        return failed(Stage.UNINITIALISED, Code.UNINITIALISED_READ, found)
    if isinstance(ran, RunFailed):
        if ran.code is Code.TIMED_OUT and climb.harness.is_program:
            return skipped(Stage.UNINITIALISED, "the program takes too long under MemorySanitizer")
        return failed(Stage.UNINITIALISED, ran.code, f"the candidate {ran.reason} under MemorySanitizer")
    return passed(Stage.UNINITIALISED, f"no use of uninitialised memory over {len(climb.harness.cases())} inputs")


def _run(climb: Climb, compiler: Compiler, *, original: bool) -> Run | RunFailed | None:
    build = climb.build(compiler, FLAGS, original=original)
    if isinstance(build, BuildFailed):
        return None
    environment = sanitizer.environment(compiler, Sanitizer.MEMORY)
    return climb.harness.observe_all(build, climb.harness.cases(), environment=environment)


def _finding(ran: Run | RunFailed | None) -> str | None:
    if ran is None:
        return None
    if isinstance(ran, RunFailed):
        return sanitizer.finding(Sanitizer.MEMORY, ran.stderr)
    for observation in ran.observations:
        for text in observation.uninitialised:
            name, first, count = text.rsplit(" ", 2)
            return f"{name}[{first}] and {int(count) - 1} more elements derive from uninitialised memory"
    return None


def _is_worse(before: Run | RunFailed, after: Run | RunFailed | None) -> bool:
    """Return True if ``after`` has uninitialised results where ``before`` has none."""
    if not isinstance(before, Run) or not isinstance(after, Run):
        return isinstance(before, Run)
    pairs = zip(before.observations, after.observations, strict=True)
    return any(set(new.uninitialised) - set(old.uninitialised) for old, new in pairs)
