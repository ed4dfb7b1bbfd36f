"""Checks what loopwright needs of its environment, and says what to do where something is missing.

Each check does the thing it is about (compiles and runs a program, plants a race and looks for the report) and never
trusts a name or a version alone. The command line renders the answers.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loopwright.config import Limits, Settings
from loopwright.toolchain.compiler import (
    INSTALL_CLANG,
    INSTALL_GCC,
    BuildFailed,
    Compiler,
    build,
    find_compilers,
    has_openmp,
    identify,
    is_recent,
)
from loopwright.toolchain.cross import find_targets, install_command, missing_targets
from loopwright.toolchain.host import cores
from loopwright.toolchain.process import fence, run
from loopwright.toolchain.sandbox import INSTALL_BWRAP, Level
from loopwright.toolchain.sanitizer import Sanitizer, find_archer, supports

_WEIGHTS_BYTES = 200 << 20
_QUESTION_S = 60.0
_ALLOW_NAMESPACES = (
    "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1,"
    " on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0"
)


class Severity(StrEnum):
    """What a failed check means: ERROR nothing works without it, WARNING results are weaker, NOTE good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer.

    Attributes:
        name: What was looked at.
        ok: It is as it should be.
        detail: What was found.
        remedy: One line that says what to do; empty if ``ok``.
        severity: Of the failure; of no meaning if ``ok``.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    severity: Severity = Severity.ERROR


def check_environment(settings: Settings, on_check: Callable[[Check], None] | None = None) -> tuple[Check, ...]:
    """Return all checks, in an order that reads well; takes a few seconds, for it compiles small programs.

    Args:
        settings: Name the compilers and the cache.
        on_check: Called with each check when it is known, for display.
    """
    checks: list[Check] = []
    for check in _checks(settings):
        checks.append(check)
        if on_check is not None:
            on_check(check)
    return tuple(checks)


def _checks(settings: Settings) -> Iterator[Check]:
    found = {compiler.facts.family: compiler for compiler in find_compilers(settings)}
    yield _compiler("gcc", found, settings.gcc, INSTALL_GCC)
    yield _compiler("clang", found, settings.clang, INSTALL_CLANG)
    for compiler in found.values():
        yield _openmp(compiler)
        yield _cxx(compiler)
    yield _sanitizer("data races (ThreadSanitizer, archer)", Sanitizer.THREAD, found)
    yield _sanitizer("bad addresses (AddressSanitizer, UBSan)", Sanitizer.ADDRESS, found)
    yield _sanitizer("uninitialised reads (MemorySanitizer)", Sanitizer.MEMORY, found)
    yield _module("libclang", "import clang.cindex as c; c.Index.create()", "libclang", Severity.ERROR)
    yield _module("isl", "import islpy; assert islpy.Set('{ S[i] : 0 <= i }').is_empty() is False", "islpy")
    yield _module("model runtime", "import xllamacpp", "xllamacpp", Severity.WARNING)
    yield _weights(settings.cache)
    yield _cache(settings.cache)
    yield _cores()
    yield _tools()
    yield _sandbox()
    yield _other_processors()


def _compiler(family: str, found: dict[str, Compiler], wanted: str, remedy: str) -> Check:
    compiler = found.get(family)
    if compiler is not None:
        return Check(family, True, f"{compiler.facts.version} ({compiler.facts.path})")
    # gcc alone, or clang alone, is enough to work with.
    severity = Severity.WARNING if found else Severity.ERROR
    return Check(family, False, _why_not(family, wanted or family), remedy, severity)


def _why_not(family: str, name: str) -> str:
    path = shutil.which(name)
    if path is None:
        return f"{name}: not found on PATH"
    compiler = identify(path)
    if compiler is None or compiler.facts.family != family:
        return f"{path}: does not answer like {family}"
    if not is_recent(compiler):
        return f"{path}: version {compiler.facts.major} is too old"
    return f"{path}: does not compile a minimal program"


def _openmp(compiler: Compiler) -> Check:
    name = f"OpenMP with {compiler.facts.family}"
    if has_openmp(compiler):
        return Check(name, True, "a program ran on two threads")
    remedy = INSTALL_GCC if compiler.facts.family == "gcc" else f"apt-get install libomp-{compiler.facts.major}-dev"
    return Check(name, False, "a program with -fopenmp does not build, or gets one thread", remedy, Severity.WARNING)


def _cxx(compiler: Compiler) -> Check:
    name = f"C++ with {compiler.facts.family}"
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder_name:
        folder = Path(folder_name)
        source = folder / "probe.cpp"
        source.write_text("#include <vector>\nint main() { return std::vector<int>(1)[0]; }\n")
        built = build(compiler, source, folder / "probe", (), language="c++", cwd=folder, limits=Limits())
    if not isinstance(built, BuildFailed):
        return Check(name, True, compiler.command_for("c++"))
    detail = built.output.splitlines()[0] if built.output else "a minimal program does not build"
    return Check(name, False, detail[:200], "apt-get install g++", Severity.NOTE)


def _sanitizer(name: str, kind: Sanitizer, found: dict[str, Compiler]) -> Check:
    able = [compiler.label for compiler in found.values() if supports(compiler, kind)]
    if able:
        return Check(name, True, f"found a planted bug, with {' and '.join(able)}")
    clang = found.get("clang")
    if kind is Sanitizer.ADDRESS:
        detail = "no compiler here can do it"
    elif clang is None:
        detail = "needs clang"
    elif kind is Sanitizer.THREAD and find_archer(clang) is None:
        detail = "libarcher.so is not beside clang's libraries"
    else:
        detail = f"{clang.label} cannot do it"
    return Check(name, False, detail, INSTALL_CLANG, Severity.WARNING)


def _module(name: str, code: str, package: str, severity: Severity = Severity.ERROR) -> Check:
    """Check a wheel in a process of its own: a broken native library may take its process down."""
    version = f"from importlib.metadata import version; print(version({package!r}))"
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder:
        completed = run((sys.executable, "-c", f"{code}\n{version}"), cwd=Path(folder), timeout_s=_QUESTION_S)
    if completed.ok:
        return Check(name, True, f"{package} {completed.stdout.decode('utf-8', 'replace').strip()}")
    lines = completed.stderr.decode("utf-8", "replace").strip().splitlines()
    detail = lines[-1][:200] if lines else completed.describe()
    return Check(name, False, detail, f"pip install --force-reinstall {package}", severity)


def _weights(cache: Path) -> Check:
    name = "model weights"
    try:
        files = sorted((cache / "models").glob("*.gguf"))
    except OSError:
        files = []
    if files:
        return Check(name, True, f"{files[0].name} in {files[0].parent}")
    remedy = "loopwright models fetch embedded"
    return Check(name, False, "not fetched yet; the first run with the embedded model does it", remedy, Severity.NOTE)


def _cache(cache: Path) -> Check:
    name = "cache"
    remedy = "set LOOPWRIGHT_CACHE to a folder that can be written to"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache) as file:
            file.write(b"x" * 4096)
        free_bytes = shutil.disk_usage(cache).free
    except OSError as error:
        return Check(name, False, f"{cache}: {error.strerror or error}", remedy, Severity.WARNING)
    if free_bytes < _WEIGHTS_BYTES:
        return Check(name, False, f"{cache}: only {free_bytes >> 20} MB free", remedy, Severity.WARNING)
    return Check(name, True, f"{cache}, {free_bytes >> 30} GB free")


def _cores() -> Check:
    number = cores()
    load = os.getloadavg()[0]
    if number < 2:
        remedy = "run on a machine, or in a container, with two cores or more"
        return Check("cores", False, "one core: threads cannot make anything faster", remedy, Severity.WARNING)
    if load > number:
        remedy = "measure while nothing else runs"
        return Check("cores", False, f"{number}, but the load is {load:.1f}", remedy, Severity.NOTE)
    return Check("cores", True, f"{number}, load {load:.1f}")


def _tools() -> Check:
    missing = [tool for tool in ("prlimit", "setpriv") if shutil.which(tool) is None]
    if missing:
        detail = f"{' and '.join(missing)} missing: limits are set late, orphans may stay behind a kill -9"
        return Check("process limits", False, detail, "apt-get install util-linux", Severity.NOTE)
    return Check("process limits", True, "time, memory, files; the whole process group is killed")


def _sandbox() -> Check:
    name = "sandbox of tested code"
    level = fence().level
    if level is Level.BUBBLEWRAP:
        return Check(name, True, "bubblewrap: no network, no files but its own, no process of the user is visible")
    remedy = INSTALL_BWRAP if shutil.which("bwrap") is None else _ALLOW_NAMESPACES
    if level is Level.NETWORK:
        return Check(name, False, "a network namespace: tested code can read your files", remedy, Severity.NOTE)
    return Check(name, False, "limits only: tested code has your files and the network", remedy, Severity.WARNING)


def _other_processors() -> Check:
    name = "checks on other processors"
    names = " and ".join(f"{target.processor} ({target.compiler.label}, qemu-user)" for target in find_targets())
    missing = missing_targets()
    if not missing:
        return Check(name, True, names)
    detail = f"{names}; " * bool(names) + f"results are not compared on {' and '.join(missing)}"
    return Check(name, False, detail, install_command(missing), Severity.NOTE)
