"""Runs a whole program under ThreadSanitizer with archer: several numbers of threads, several schedules.

A race that is reported is one. A run without a report says only that this run had none.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from loopwright.config import Limits, Settings
from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.core.race import Detection, Race, RaceAccess
from loopwright.core.source import Source
from loopwright.core.verdict import Finding, Outcome, Stage
from loopwright.toolchain import sanitizer
from loopwright.toolchain.compiler import INSTALL_CLANG, Build, BuildFailed, Compiler, build, find_compilers
from loopwright.toolchain.flags import harmless
from loopwright.toolchain.process import Completed, Ended, run
from loopwright.toolchain.sanitizer import ReportedAccess, Sanitizer
from loopwright.verify.ladder import first_line

# Without optimization no access is left out or moved before the detector sees it.
FLAGS = (*sanitizer.flags(Sanitizer.THREAD), "-O0", "-fopenmp")
_OUTPUT_BYTES = 4 << 20
_NAME = re.compile(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Setting:
    """How one run is made."""

    threads: int
    schedule: str

    def __str__(self) -> str:
        return f"{self.threads} threads, {self.schedule}"


SETTINGS = (Setting(2, "static"), Setting(3, "dynamic,1"), Setting(8, "guided"))


def detect_races(
    source: Source,
    others: tuple[Source, ...],
    settings: Settings,
    scratch: Path,
    *,
    progress: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> Detection:
    """Build the program and run it once per setting, without arguments, input or network, in ``scratch``.

    The runs together take no longer than ``settings.budget_s``.
    """
    compiler = _compiler(settings)
    if compiler is None:
        return _none(f"data races were not looked for: clang with archer is missing ({INSTALL_CLANG})")
    progress("building with ThreadSanitizer")
    built = _build(compiler, source, others, settings, scratch)
    if isinstance(built, BuildFailed):
        return _none(f"{compiler.label} does not build it as a program: {first_line(built.output) or 'no message'}")
    races: dict[tuple[object, ...], Race] = {}
    findings: list[Finding] = []
    end = clock() + settings.budget_s
    for setting in SETTINGS:
        left = end - clock()
        if left <= 0:
            findings.append(_finding(Outcome.SKIPPED, f"{setting}: the time was used up", Code.BUDGET_SPENT, 0.0))
            continue
        progress(f"looking for data races, {setting}")
        logs = scratch / f"races-{setting.threads}"
        logs.mkdir()
        ran = _run(compiler, built, setting, logs, min(left, settings.limits.run_s), settings.limits)
        found = _races(logs, source)
        for race in found:
            races.setdefault((race.lines, race.first.kind, race.second.kind), race)
        findings.append(_judge(setting, ran, len(found)))
    is_complete = all(finding.outcome is not Outcome.SKIPPED for finding in findings)
    return Detection(tuple(races.values()), tuple(findings), is_complete)


def _compiler(settings: Settings) -> Compiler | None:
    for compiler in find_compilers(settings):
        if compiler.facts.family == "clang" and sanitizer.supports(compiler, Sanitizer.THREAD):
            return compiler
    return None


def _build(
    compiler: Compiler, source: Source, others: tuple[Source, ...], settings: Settings, scratch: Path
) -> Build | BuildFailed:
    """Build one object per file and link them; the files stay where they are, so that reports name them."""
    objects: list[str] = []
    for number, each in enumerate((source, *others)):
        target = scratch / f"part-{number}.o"
        flags = (*FLAGS, *harmless(each.flags), "-c")
        built = build(
            compiler,
            Path(each.path),
            target,
            flags,
            language=each.language,
            cwd=Path(source.path).parent,
            limits=settings.limits,
        )
        if isinstance(built, BuildFailed):
            return built
        objects.append(str(target))
    link = scratch / "link.c"
    link.write_text("")
    libraries = tuple(flag for flag in harmless(source.flags) if flag.startswith(("-l", "-L", "-Wl,")))
    # The empty file is there for the driver, which is always given one source.
    language = "c++" if any(each.language == "c++" for each in (source, *others)) else "c"
    flags = (*FLAGS, *(f"-Wl,{path}" for path in objects), *libraries)
    return build(compiler, link, scratch / "program", flags, language=language, cwd=scratch, limits=settings.limits)


def _run(compiler: Compiler, built: Build, setting: Setting, logs: Path, timeout_s: float, limits: Limits) -> Completed:
    environment = sanitizer.environment(compiler, Sanitizer.THREAD)
    options = environment.pop("TSAN_OPTIONS", "").replace("halt_on_error=1:", "")
    options += f":halt_on_error=0:log_path={logs / 'log'}:atexit_sleep_ms=20:history_size=4:exitcode=0"
    return run(
        (built.binary,),
        cwd=built.binary.parent,
        timeout_s=timeout_s,
        environment={
            **environment,
            "TSAN_OPTIONS": options,
            "OMP_NUM_THREADS": str(setting.threads),
            "OMP_SCHEDULE": setting.schedule,
            "OMP_WAIT_POLICY": "passive",
        },
        # The folder of the logs alone: a run must not change what runs next.
        sandbox=replace(compiler.sandbox, writable=(logs,), resident_bytes=limits.memory_bytes),
        output_bytes=_OUTPUT_BYTES,
        file_bytes=64 << 20,
    )


def _races(logs: Path, source: Source) -> list[Race]:
    """Return the races in the logs that a run left."""
    lines = source.content.decode("utf-8", "replace").split("\n")
    found: list[Race] = []
    for path in sorted(logs.iterdir()):
        for one, other in sanitizer.race_reports(path.read_text("utf-8", "replace")):
            first, second = _access(one, source, lines), _access(other, source, lines)
            if first is None or second is None:
                continue
            if first.kind is not AccessKind.WRITE:
                first, second = second, first
            found.append(Race(_variable(first.text) or _variable(second.text), first, second))
    return found


def _access(access: ReportedAccess, source: Source, lines: list[str]) -> RaceAccess | None:
    """Return an access at its innermost place in the file; None if it is nowhere in it."""
    for path, line, column in access.places:
        if Path(path) == Path(source.path):
            text = lines[line - 1][max(column - 1, 0) :] if line <= len(lines) else ""
            kind = AccessKind.WRITE if access.kind == "write" else AccessKind.READ
            return RaceAccess(line, kind, text.strip()[:40], column)
    return None


def _variable(text: str) -> str:
    found = _NAME.search(text)
    return found.group() if found else ""


def _judge(setting: Setting, ran: Completed, races: int) -> Finding:
    if races:
        detail = f"{setting}: {races} report{'' if races == 1 else 's'} of a data race"
        return _finding(Outcome.FAIL, detail, Code.DATA_RACE, ran.elapsed_s)
    if ran.ended is Ended.TIMED_OUT:
        return _finding(Outcome.SKIPPED, f"{setting}: the program did not end in time", Code.TIMED_OUT, ran.elapsed_s)
    if not ran.ok:
        detail = f"{setting}: the program {ran.describe()}"
        if ran.ended is Ended.EXITED:
            return _finding(Outcome.PASS, f"{detail}, no data race", None, ran.elapsed_s)
        return _finding(Outcome.SKIPPED, detail, Code.CRASHED, ran.elapsed_s)
    return _finding(Outcome.PASS, f"{setting}: no data race (ThreadSanitizer, archer)", None, ran.elapsed_s)


def _finding(outcome: Outcome, detail: str, code: Code | None, elapsed_s: float) -> Finding:
    return Finding(Stage.RACES, outcome, detail, code, elapsed_s)


def _none(reason: str) -> Detection:
    return Detection((), (_finding(Outcome.SKIPPED, reason, Code.CHECK_UNAVAILABLE, 0.0),), False)
