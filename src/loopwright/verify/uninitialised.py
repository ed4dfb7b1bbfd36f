"""Stage UNINITIALISED: MemorySanitizer sees no use of uninitialised memory, and no result that derives from it.

Where the original has the same finding nothing can be learnt. One thread: with more it misses what reductions do, and
libomp is not instrumented.
"""

from __future__ import annotations

from loopwright.core.codes import Code
from loopwright.core.counted import counted
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
        if isinstance(before, RunFailed):
            return skipped(Stage.UNINITIALISED, f"the original has such a finding, too: {_finding(before) or found}")
        if isinstance(ran, RunFailed) or _is_new(before, ran):
            return failed(Stage.UNINITIALISED, Code.UNINITIALISED_READ, found)
        climb.notes.append(f"as in the original, {found}")
    elif isinstance(ran, RunFailed):
        if ran.code is Code.TIMED_OUT and climb.harness.is_program:
            return skipped(Stage.UNINITIALISED, "the program takes too long under MemorySanitizer")
        return failed(Stage.UNINITIALISED, ran.code, f"the candidate {ran.reason} under MemorySanitizer")
    return passed(
        Stage.UNINITIALISED, f"no use of uninitialised memory over {counted(len(climb.harness.cases()), 'input')}"
    )


def _run(climb: Climb, compiler: Compiler, *, original: bool) -> Run | RunFailed:
    build = climb.build(compiler, FLAGS, original=original)
    if isinstance(build, BuildFailed):
        return RunFailed(Code.BUILD_FAILED, "does not compile")
    environment = sanitizer.environment(compiler, Sanitizer.MEMORY)
    return climb.harness.observe_all(build, climb.harness.cases(), environment=environment)


def _finding(ran: Run | RunFailed) -> str | None:
    if isinstance(ran, RunFailed):
        return sanitizer.finding(Sanitizer.MEMORY, ran.stderr)
    for observation in ran.observations:
        for text in observation.uninitialised:
            name, first, count = text.rsplit(" ", 2)
            more = f" and {int(count) - 1} more elements derive" if int(count) > 1 else " derives"
            return f"{name}[{first}]{more} from uninitialised memory"
    return None


def _is_new(before: Run, after: Run) -> bool:
    """Return True if results of ``after`` are uninitialised that those of ``before`` are not."""
    pairs = zip(before.observations, after.observations, strict=True)
    return any(set(new.uninitialised) - set(old.uninitialised) for old, new in pairs)
