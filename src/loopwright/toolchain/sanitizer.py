"""Sanitizer builds: which compiler can do which, with what flags and environment, and what a report says.

Race checking is clang only, with the OMPT tool ``archer`` that explains OpenMP's synchronisation to ThreadSanitizer:
gcc's libgomp gives false reports. Suppressions are never used; they hide every real race (docs/decisions).
"""

from __future__ import annotations

import functools
import re
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loopwright.config import Limits
from loopwright.toolchain.compiler import Build, Compiler, build
from loopwright.toolchain.process import Completed, run

_PROBE_LIMITS = Limits(build_s=60.0)
_PROBE_RUN_S = 20.0
# Distinct from what programs use, so that a report is never taken for an exit of the program's own.
EXIT_STATUS = 66


class Sanitizer(StrEnum):
    """THREAD finds data races, ADDRESS bad addresses and undefined behaviour, MEMORY uninitialised reads."""

    THREAD = "thread"
    ADDRESS = "address"
    MEMORY = "memory"


_COMMON_FLAGS = ("-g", "-O1", "-fno-omit-frame-pointer")
_FLAGS = {
    Sanitizer.THREAD: ("-fsanitize=thread",),
    Sanitizer.ADDRESS: ("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    Sanitizer.MEMORY: ("-fsanitize=memory", "-fno-sanitize-recover=all"),
}

# Each probe is clean when run without arguments and has its bug with one.
_PROBES = {
    Sanitizer.THREAD: """\
static int cell[64];
int main(int argc, char **argv) {
    int sum = 0;
    (void)argv;
#pragma omp parallel for num_threads(2) reduction(+ : sum)
    for (int i = 0; i < 64; i++) {
        cell[argc > 1 ? i / 48 : i] += i;
        sum += i;
    }
    return sum == 2016 ? 0 : 1;
}
""",
    Sanitizer.ADDRESS: """\
#include <stdlib.h>
int main(int argc, char **argv) {
    (void)argv;
    volatile char *bytes = malloc(8);
    bytes[argc > 1 ? 8 : 7] = 1;
    return bytes[argc > 1 ? 8 : 7] - 1;
}
""",
    Sanitizer.MEMORY: """\
#include <stdlib.h>
int main(int argc, char **argv) {
    (void)argv;
    int *cells = malloc(8 * sizeof(int));
    cells[0] = 0;
#pragma omp parallel for
    for (int i = 1; i < 7; i++) cells[i] = i;
    return cells[argc > 1 ? 7 : 0] ? 2 : 0;
}
""",
}


def flags(kind: Sanitizer) -> tuple[str, ...]:
    """Return the compiler flags; ``-fopenmp`` is the caller's to add."""
    return (*_COMMON_FLAGS, *_FLAGS[kind])


def environment(compiler: Compiler, kind: Sanitizer, *, leaks: bool = False) -> dict[str, str]:
    """Return the environment variables of a run; the first finding ends it with status ``EXIT_STATUS``.

    Args:
        compiler: That built it.
        kind: Of the build.
        leaks: Also report memory that is not freed at the end (ADDRESS only).
    """
    common = f"halt_on_error=1:exitcode={EXIT_STATUS}"
    symbolizer = _symbolizer(compiler)
    if symbolizer is not None:
        common += f":external_symbolizer_path={symbolizer}"
    if kind is Sanitizer.THREAD:
        archer = find_archer(compiler)
        tools = {"OMP_TOOL_LIBRARIES": str(archer)} if archer else {}
        return {**tools, "TSAN_OPTIONS": f"ignore_noninstrumented_modules=1:{common}"}
    if kind is Sanitizer.ADDRESS:
        return {
            "ASAN_OPTIONS": f"detect_leaks={int(leaks)}:{common}",
            "UBSAN_OPTIONS": f"print_stacktrace=1:{common}",
        }
    # With two threads MemorySanitizer missed an uninitialised reduction; libomp itself is not instrumented.
    return {"MSAN_OPTIONS": common, "OMP_NUM_THREADS": "1"}


@functools.cache
def supports(compiler: Compiler, kind: Sanitizer) -> bool:
    """Return True if ``kind`` works with ``compiler`` here: a clean OpenMP program passes, a planted bug is found."""
    if kind is not Sanitizer.ADDRESS and compiler.facts.family != "clang":
        return False
    if kind is Sanitizer.THREAD and find_archer(compiler) is None:
        return False
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        source = folder / "probe.c"
        source.write_text(_PROBES[kind])
        all_flags = (*flags(kind), *(() if kind is Sanitizer.ADDRESS else ("-fopenmp",)))
        built = build(compiler, source, folder / "probe", all_flags, language="c", cwd=folder, limits=_PROBE_LIMITS)
        if not isinstance(built, Build):
            return False
        clean = _run_probe(compiler, kind, built, ())
        planted = _run_probe(compiler, kind, built, ("bug",))
    return clean.ok and finding(kind, clean.stderr) is None and finding(kind, planted.stderr) is not None


def finding(kind: Sanitizer, stderr: str | bytes) -> str | None:
    """Return the first report of ``kind`` as one clause with its place, or None.

    >>> finding(Sanitizer.ADDRESS, "k.c:3:9: runtime error: signed integer overflow: 2147483647 + 1")
    'k.c:3:9: signed integer overflow: 2147483647 + 1'
    """
    text = stderr.decode("utf-8", "replace") if isinstance(stderr, bytes) else stderr
    if kind is Sanitizer.ADDRESS:
        overflow = re.search(r"^(.*?):? ?runtime error: (.*)$", text, re.MULTILINE)
        if overflow:
            place = overflow.group(1).strip()
            return f"{place}: {overflow.group(2)}"[:300] if place else overflow.group(2)[:300]
    tool = {"thread": "ThreadSanitizer", "address": "AddressSanitizer", "memory": "MemorySanitizer"}[kind.value]
    # A report opens with WARNING or ERROR; "FATAL: ThreadSanitizer: unexpected memory mapping" is the tool's trouble.
    report = re.search(rf"(?:WARNING|ERROR): {tool}: (.*)$", text, re.MULTILINE)
    if report is None:
        return None
    summary = re.search(rf"^SUMMARY: {tool}: (.*)$", text, re.MULTILINE)
    return (summary or report).group(1).strip()[:300]


@dataclass(frozen=True, slots=True)
class ReportedAccess:
    """One side of a race as ThreadSanitizer reports it: kind (``read`` or ``write``) and the innermost known places."""

    kind: str
    places: tuple[tuple[str, int, int], ...]


def race_reports(log: str) -> tuple[tuple[ReportedAccess, ReportedAccess], ...]:
    """Return the data races in ThreadSanitizer's log, as pairs of accesses with path, line and column of each frame."""
    found: list[tuple[ReportedAccess, ReportedAccess]] = []
    for block in _REPORT.findall(log):
        accesses: list[ReportedAccess] = []
        for kind, frames in _ACCESS.findall(block):
            places = tuple((path, int(line), int(column or 0)) for path, line, column in _FRAME.findall(frames))
            accesses.append(ReportedAccess(kind.lower().split()[-1], places))
        if len(accesses) >= 2:
            found.append((accesses[0], accesses[1]))
    return tuple(found)


_REPORT = re.compile(r"WARNING: ThreadSanitizer: data race.*?\n(.*?)(?=\n={10,}|\Z)", re.DOTALL)
_ACCESS = re.compile(
    r"^\s+(?:Previous )?((?:[Aa]tomic )?(?:[Rr]ead|[Ww]rite)) of size \d+ at [^\n]*\n"
    r"((?:\s+(?:#\d+|\[failed)[^\n]*\n?)*)",
    re.MULTILINE,
)
_FRAME = re.compile(r"#\d+ .*? (/[^\n]*?):(\d+)(?::(\d+))? \(")


@functools.cache
def find_archer(compiler: Compiler) -> Path | None:
    """Return the archer library that belongs to the compiler's libomp."""
    places: list[Path] = []
    resources = compiler.ask("-print-resource-dir")  # .../lib/clang/19; the libraries are in .../lib
    if resources is not None:
        places.append(Path(resources).parent.parent / "libarcher.so")
    named = compiler.ask("-print-file-name=libarcher.so")
    if named is not None:
        places.append(Path(named))
    return next((place for place in places if place.is_absolute() and place.is_file()), None)


@functools.cache
def _symbolizer(compiler: Compiler) -> Path | None:
    if compiler.facts.family != "clang":
        return None
    named = compiler.ask("-print-prog-name=llvm-symbolizer")
    return Path(named) if named is not None and Path(named).is_absolute() and Path(named).is_file() else None


def _run_probe(compiler: Compiler, kind: Sanitizer, built: Build, arguments: tuple[str, ...]) -> Completed:
    return run(
        (built.binary, *arguments),
        cwd=built.binary.parent,
        timeout_s=_PROBE_RUN_S,
        environment=environment(compiler, kind),
        # As candidates are run: what does not work behind the fence does not work.
        sandbox=compiler.sandbox,
    )
