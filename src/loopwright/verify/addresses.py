"""Stage ADDRESSES: Address- and UndefinedBehaviorSanitizer report nothing on inputs where the original is clean."""

from __future__ import annotations

from loopwright.core.codes import Code
from loopwright.core.counted import counted
from loopwright.core.verdict import Finding, Stage
from loopwright.harness.results import RunFailed
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import BuildFailed
from loopwright.toolchain.sanitizer import Sanitizer
from loopwright.verify.ladder import Climb, failed, first_line, passed, skipped

FLAGS = (*sanitizer.flags(Sanitizer.ADDRESS), "-fopenmp")


def check_addresses(climb: Climb) -> Finding:
    """Return the finding of this stage."""
    compiler = climb.sanitizer_compiler(Sanitizer.ADDRESS)
    if compiler is None:
        return skipped(Stage.ADDRESSES, "bad addresses were not looked for: AddressSanitizer is missing")
    build = climb.build(compiler, FLAGS)
    if isinstance(build, BuildFailed):
        return skipped(Stage.ADDRESSES, f"{compiler.label} does not build it: {first_line(build.output)}")
    cases = climb.harness.cases()
    climb.progress("looking for bad addresses and undefined behaviour")
    environment = sanitizer.environment(compiler, Sanitizer.ADDRESS)
    ran = climb.harness.observe_all(build, cases, threads=2, environment=environment)
    if isinstance(ran, RunFailed):
        report = sanitizer.finding(Sanitizer.ADDRESS, ran.stderr)
        at = next((f" with {case.label}" for case in cases if case.index == ran.case), "")
        if report is None:
            if ran.code is Code.TIMED_OUT and climb.harness.is_program:
                return skipped(Stage.ADDRESSES, "the program takes too long under AddressSanitizer")
            return failed(Stage.ADDRESSES, ran.code, f"the candidate {ran.reason} under AddressSanitizer{at}")
        if climb.harness.is_program and _original_too(climb):
            return skipped(Stage.ADDRESSES, f"the original has the same finding: {report}")
        is_undefined = b"runtime error" in ran.stderr
        return failed(Stage.ADDRESSES, Code.UNDEFINED_BEHAVIOUR if is_undefined else Code.BAD_ADDRESS, f"{report}{at}")
    return passed(
        Stage.ADDRESSES, f"no bad address or undefined behaviour over {counted(len(cases), 'input')} ({compiler.label})"
    )


def _original_too(climb: Climb) -> bool:
    compiler = climb.sanitizer_compiler(Sanitizer.ADDRESS)
    build = climb.build(compiler, FLAGS, original=True) if compiler else None
    if compiler is None or build is None or isinstance(build, BuildFailed):
        return False
    environment = sanitizer.environment(compiler, Sanitizer.ADDRESS)
    ran = climb.harness.observe_all(build, climb.harness.cases(), environment=environment)
    return isinstance(ran, RunFailed) and sanitizer.finding(Sanitizer.ADDRESS, ran.stderr) is not None
