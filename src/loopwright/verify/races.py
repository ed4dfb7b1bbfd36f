"""Stage RACES: ThreadSanitizer with archer sees no data race, with two and three threads and two schedules."""

from __future__ import annotations

from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.verdict import Finding, Stage
from loopwright.harness.results import RunFailed
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import INSTALL_CLANG, BuildFailed
from loopwright.toolchain.sanitizer import Sanitizer
from loopwright.verify.ladder import Climb, failed, first_line, passed, skipped

FLAGS = (*sanitizer.flags(Sanitizer.THREAD), "-fopenmp")
_MOST_CASES = 6
_RUNS = ((2, "static"), (3, "dynamic,1"))


def check_races(climb: Climb) -> Finding:
    """Return the finding of this stage."""
    compiler = climb.sanitizer_compiler(Sanitizer.THREAD)
    if compiler is None:
        return skipped(
            Stage.RACES,
            f"data races were not looked for: clang with archer is missing ({INSTALL_CLANG})",
        )
    build = climb.build(compiler, FLAGS)
    if isinstance(build, BuildFailed):
        return skipped(Stage.RACES, f"{compiler.label} does not build it: {first_line(build.output)}")
    cases = climb.telling_cases(_MOST_CASES)
    for threads, schedule in _RUNS:
        climb.progress(f"looking for data races, {threads} threads")
        environment = {**sanitizer.environment(compiler, Sanitizer.THREAD), "OMP_SCHEDULE": schedule}
        # At its end ThreadSanitizer waits a second for reports of threads that still run; all of ours have ended.
        environment["TSAN_OPTIONS"] += ":atexit_sleep_ms=20"
        ran = climb.harness.observe_all(build, cases, threads=threads, environment=environment)
        if not isinstance(ran, RunFailed):
            continue
        report = sanitizer.finding(Sanitizer.THREAD, ran.stderr)
        if report is not None:
            return failed(Stage.RACES, Code.DATA_RACE, f"{report} ({threads} threads)")
        if b"FATAL: ThreadSanitizer" in ran.stderr:
            return skipped(Stage.RACES, "ThreadSanitizer cannot run on this system")
        if ran.code is Code.TIMED_OUT and climb.harness.is_program:
            return skipped(Stage.RACES, "the program takes too long under ThreadSanitizer")
        return failed(Stage.RACES, ran.code, f"the candidate {ran.reason} under ThreadSanitizer ({threads} threads)")
    return passed(
        Stage.RACES, f"no data race over {counted(len(cases), 'input')} with 2 and 3 threads (ThreadSanitizer, archer)"
    )
