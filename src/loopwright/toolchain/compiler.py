"""Finds, identifies and calls compilers.

``find_compilers`` first: it returns only compilers that were seen to work. ``build`` calls one; a program that does
not compile is an answer (``BuildFailed``), never an exception.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from loopwright.config import Limits, Settings
from loopwright.core.codes import Code
from loopwright.core.measurement import CompilerFacts
from loopwright.errors import ToolchainError
from loopwright.toolchain.process import Ended, Sandbox, run

Language = Literal["c", "c++"]

INSTALL_GCC = "apt-get install gcc g++"
INSTALL_CLANG = "apt-get install clang-19 libomp-19-dev libclang-rt-19-dev llvm-19"

_MINIMUM_MAJOR = {"gcc": 11, "clang": 14}
_GCC_NAMES = ("gcc", *(f"gcc-{major}" for major in range(16, 10, -1)))
_CLANG_NAMES = ("clang", *(f"clang-{major}" for major in range(22, 13, -1)))
# Identification, and a probe of a few lines, take a fraction of a second; a compiler that hangs is not one.
_QUESTION_S = 10.0
_PROBE_LIMITS = Limits(build_s=30.0)
_NO_LINK = frozenset({"-c", "-S", "-E", "-fsyntax-only", "-M", "-MM"})
_MINIMAL = "int main(void) { return 0; }\n"
_OPENMP = """\
#include <omp.h>
int main(void) {
    int seen = 0;
#pragma omp parallel num_threads(2) reduction(+ : seen)
    seen += 1 + omp_get_thread_num();
    return seen == 3 ? 0 : 1;
}
"""


@dataclass(frozen=True, slots=True)
class Build:
    """A binary, with what the compiler had to say about it."""

    binary: Path
    warnings: str
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class BuildFailed:
    """No binary: ``output`` is the compiler's, or says that it hung or crashed."""

    command: tuple[str, ...]
    output: str
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler that was seen to work."""

    facts: CompilerFacts

    @property
    def label(self) -> str:
        """Return its short name for people: ``gcc 12``."""
        return f"{self.facts.family} {self.facts.major}"

    def command_for(self, language: Language) -> str:
        """Return the path of the driver for ``language``: gcc or g++, clang or clang++."""
        if language == "c":
            return self.facts.path
        path = Path(self.facts.path)
        old, new = ("gcc", "g++") if self.facts.family == "gcc" else ("clang", "clang++")
        head, found, tail = path.name.rpartition(old)
        return str(path.with_name(head + new + tail)) if found else str(path)

    def builtin_include(self) -> str | None:
        """Return the folder of the compiler's own headers (``stddef.h``), which libclang must be told of."""
        if self.facts.family == "gcc":
            folder = self.ask("-print-file-name=include")
        else:
            resources = self.ask("-print-resource-dir")
            folder = f"{resources}/include" if resources else None
        return folder if folder and (Path(folder) / "stddef.h").is_file() else None

    def runtime_folders(self) -> tuple[Path, ...]:
        """Return the folders that its programs load libraries from at run time, where it is not installed in /usr."""
        if self.facts.path.startswith("/usr/"):
            return ()
        prefix = Path(self.facts.path).resolve().parent.parent
        return tuple(folder for name in ("bin", "lib", "lib64") if (folder := prefix / name).is_dir())

    @property
    def sandbox(self) -> Sandbox:
        """Return what its programs need to run at all."""
        return Sandbox(readable=self.runtime_folders())

    def ask(self, *question: str) -> str | None:
        """Return the one line that the driver prints for ``question``, or None."""
        return _ask(self.facts.path, question)


def find_compilers(settings: Settings) -> tuple[Compiler, ...]:
    """Return the gcc (>= 11) and the clang (>= 14) that really compile and run a program, gcc first.

    ``settings.gcc`` and ``settings.clang`` are looked up on PATH. The default ``gcc``, and no name for clang, also
    try the versioned names, newest first. Empty if there is no compiler.
    """
    return _find_compilers(settings.gcc, settings.clang, os.pathsep.join(os.get_exec_path()))


def require_compilers(settings: Settings) -> tuple[Compiler, ...]:
    """Return ``find_compilers``, at least one.

    Raises:
        ToolchainError: There is none.
    """
    compilers = find_compilers(settings)
    if not compilers:
        raise ToolchainError(
            Code.COMPILER_MISSING, "no C compiler works here (gcc >= 11 or clang >= 14)", f"install one: {INSTALL_GCC}"
        )
    return compilers


def build(
    compiler: Compiler,
    source: Path,
    output: Path,
    flags: tuple[str, ...],
    *,
    language: Language,
    cwd: Path,
    limits: Limits,
) -> Build | BuildFailed:
    """Compile ``source`` into ``output``, linking unless a flag says otherwise.

    Libraries in ``flags`` go behind the source, where the linker wants them, and ``-lm`` is always linked. Nothing
    is left at ``output`` after a failure.

    Args:
        compiler: Which.
        source: The file; its language is forced, whatever its suffix.
        output: The binary; its folder exists.
        flags: All others.
        language: Of the source.
        cwd: Where relative paths in ``flags`` start.
        limits: Of which ``build_s``, ``memory_bytes`` and ``output_bytes`` apply.
    """
    libraries = tuple(flag for flag in flags if flag.startswith(("-l", "-Wl,")))
    others = tuple(flag for flag in flags if not flag.startswith(("-l", "-Wl,")))
    links = not _NO_LINK & set(flags)
    command = (
        compiler.command_for(language),
        *others,
        *("-x", language, str(source), "-o", str(output)),
        *(() if not links else (*libraries, "-lm")),
    )
    try:
        completed = run(
            command,
            cwd=cwd,
            timeout_s=limits.build_s,
            memory_bytes=limits.memory_bytes,
            file_bytes=limits.output_bytes,
            environment={"HOME": str(output.parent), "TMPDIR": str(output.parent)},
            sandbox=Sandbox(reads_files=True, writable=(output.parent,)),
        )
    except OSError as error:
        return BuildFailed(command, f"cannot start the compiler: {error}", 0.0)
    text = completed.output.strip()
    if completed.ok and output.is_file():
        return Build(output, text, completed.elapsed_s)
    output.unlink(missing_ok=True)
    if completed.ended is not Ended.EXITED or not text:
        text = f"{text}\nthe compiler {completed.describe()}".strip()
    return BuildFailed(command, text, completed.elapsed_s)


@functools.cache
def has_openmp(compiler: Compiler) -> bool:
    """Return True if a program with ``-fopenmp`` compiles, runs, and really gets two threads."""
    return _works(compiler, _OPENMP, ("-fopenmp",))


@functools.cache
def _find_compilers(gcc: str, clang: str, path: str) -> tuple[Compiler, ...]:
    gcc_names = _GCC_NAMES if gcc == "gcc" else (gcc,)
    clang_names = (clang,) if clang else _CLANG_NAMES
    found = (_first_working("gcc", gcc_names, path), _first_working("clang", clang_names, path))
    return tuple(compiler for compiler in found if compiler is not None)


def _first_working(family: str, names: tuple[str, ...], path: str) -> Compiler | None:
    for name in names:
        location = shutil.which(name, path=path) if name else None
        compiler = identify(location) if location else None
        if compiler is not None and compiler.facts.family == family and is_recent(compiler) and _works(compiler):
            return compiler
    return None


def identify(path: str) -> Compiler | None:
    """Return the compiler at ``path`` by what ``--version`` says; None if it does not say, or is neither."""
    line = _ask(path, ("--version",))
    if line is None:
        return None
    if "clang" in line:
        family, pattern = "clang", r"clang version (\d+)\."
    else:
        # "gcc (Debian 12.2.0-14) 12.2.0", or under another name "cc (GCC) 14.1.1 20240701": the version follows.
        family, pattern = "gcc", r"\)\s+(\d+)\.\d+"
    match = re.search(pattern, line)
    return Compiler(CompilerFacts(family, path, line, int(match.group(1)))) if match else None


def is_recent(compiler: Compiler) -> bool:
    """Return True if it is not older than what loopwright is tested with."""
    return compiler.facts.major >= _MINIMUM_MAJOR[compiler.facts.family]


def _ask(path: str, question: tuple[str, ...]) -> str | None:
    try:
        completed = run((path, *question), cwd=Path("/"), timeout_s=_QUESTION_S, output_bytes=1 << 16)
    except OSError:
        return None
    lines = completed.stdout.decode("utf-8", "replace").splitlines()
    line = lines[0].strip() if lines else ""
    return line[:200] if completed.ok and line.isprintable() and line else None


def _works(compiler: Compiler, program: str = _MINIMAL, flags: tuple[str, ...] = ()) -> bool:
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        source = folder / "probe.c"
        source.write_text(program)
        built = build(compiler, source, folder / "probe", flags, language="c", cwd=folder, limits=_PROBE_LIMITS)
        if isinstance(built, BuildFailed):
            return False
        try:
            return run((built.binary,), cwd=folder, timeout_s=_QUESTION_S, sandbox=compiler.sandbox).ok
        except OSError:
            return False
