"""Compiles harnesses: the user's text with the generated half, linked with runtime.c; cached by what goes in."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import threading
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path

from loopwright.config import Limits
from loopwright.harness.driver import driver_text, user_text
from loopwright.harness.subject import Subject
from loopwright.toolchain.compiler import Build, BuildFailed, Compiler, Language, build
from loopwright.toolchain.flags import harmless
from loopwright.toolchain.kept import keep
from loopwright.toolchain.symbols import symbols_of

_WITH_ARGUMENT = frozenset({"-I", "-iquote", "-isystem", "-include", "-imacros", "-idirafter", "-L"})
_DROPPED = frozenset({"-c", "-S", "-E", "-M", "-MM", "-MD", "-MMD", "-MP", "-fsyntax-only", "-Werror"})
_DROPPED_WITH_ARGUMENT = frozenset({"-o", "-MF", "-MT", "-MQ"})
_FIXED = ("runtime.c", "memory.c")
_TEAM = ("team.c", "accesses.c")
_HEADERS = ("runtime.h", "state.h", "team.h")
_PREFIX = "lw_"
_WRAPPED = ("memcpy", "memmove", "memset")


Maker = Callable[[str], Build | BuildFailed]


class Variant(StrEnum):
    """PLAIN: the real OpenMP library. TEAM: one virtual thread per iteration (team.c), gcc only."""

    PLAIN = "plain"
    TEAM = "team"


class Builder:
    """The builds of one subject, in a folder of their own."""

    def __init__(self, subject: Subject, limits: Limits, folder: Path, cache: Path) -> None:
        """Make a builder that works in ``folder``; the fixed parts' objects are kept in ``cache``."""
        self._subject = subject
        self._limits = limits
        self._cache = cache
        self._folder = folder
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._known: dict[str, Build | BuildFailed] = {}
        self._sanitized: set[Path] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*_HEADERS, *_FIXED, *_TEAM):
            shutil.copyfile(str(resources.files("loopwright.harness") / name), folder / name)

    def is_sanitized(self, made: Build) -> bool:
        """Return True if the build reserves more address space than a limit could allow."""
        return made.binary in self._sanitized

    def build(
        self, content: bytes, compiler: Compiler, flags: tuple[str, ...], variant: Variant
    ) -> Build | BuildFailed:
        """Return the harness around ``content``; see ``Harness.build``."""
        language = self._subject.source.language
        all_flags = (*user_flags(self._subject.source.flags, Path(self._subject.source.path).parent), *flags)
        parts = (compiler.facts.path, language, variant.value, *all_flags)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape"))
        digest.update(b"\0\0" + content)
        return self._once(digest.hexdigest()[:24], lambda key: self._make(key, content, compiler, all_flags, variant))

    def _once(self, key: str, make: Maker) -> Build | BuildFailed:
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._known:
                self._known[key] = make(key)
            return self._known[key]

    def _make(
        self, key: str, content: bytes, compiler: Compiler, flags: tuple[str, ...], variant: Variant
    ) -> Build | BuildFailed:
        language = self._subject.source.language
        suffix = ".cpp" if language == "c++" else ".c"
        folder = self._folder / key
        folder.mkdir(exist_ok=True)
        (folder / f"user{suffix}").write_bytes(user_text(self._subject.source, content))
        driver = folder / f"harness{suffix}"
        driver.write_text(
            driver_text(self._subject, f"user{suffix}", self._folder / "runtime.h"), errors="surrogateescape"
        )
        flags = ("-iquote", str(Path(self._subject.source.path).parent), *flags)
        # Functions that the subject does not call may call what lies in other files.
        link = ("-Wl,--wrap=main", *(("-Wl,--gc-sections",) if self._subject.function else ()))
        if self._subject.function is not None:
            flags = ("-ffunction-sections", *flags)
        if variant is Variant.TEAM:
            return self._make_team(driver, folder, compiler, flags, link)
        sanitize = tuple(flag for flag in flags if "sanitize" in flag)
        fixed = self._fixed(_FIXED, compiler, sanitize)
        if isinstance(fixed, BuildFailed):
            return fixed
        made = self._compile(compiler, driver, folder / "harness", (*flags, *fixed, *link), language)
        if isinstance(made, BuildFailed):
            return made
        if sanitize:
            # A sanitizer's own library defines many of these names.
            self._sanitized.add(made.binary)
            return made
        return _taken(made, fixed) or made

    def _make_team(
        self, driver: Path, folder: Path, compiler: Compiler, flags: tuple[str, ...], link: tuple[str, ...]
    ) -> Build | BuildFailed:
        language = self._subject.source.language
        instrumented = self._compile(
            compiler, driver, folder / "subject.o", (*flags, "-fopenmp", "-fsanitize=thread", "-c"), language
        )
        if isinstance(instrumented, BuildFailed):
            return instrumented
        fixed = self._fixed((*_FIXED, *_TEAM), compiler, ())
        if isinstance(fixed, BuildFailed):
            return fixed
        empty = folder / "empty.c"
        empty.write_text("")
        libraries = tuple(flag for flag in flags if flag.startswith("-l"))
        wraps = tuple(f"-Wl,--wrap={name}" for name in _WRAPPED)
        files = (str(instrumented.binary), *fixed)
        return self._compile(compiler, empty, folder / "harness", (*files, *link, *wraps, *libraries), language)

    def _fixed(
        self, sources: tuple[str, ...], compiler: Compiler, sanitize: tuple[str, ...]
    ) -> tuple[str, ...] | BuildFailed:
        objects: list[str] = []
        for name in sources:
            made = self._object(name, compiler, sanitize)
            if isinstance(made, BuildFailed):
                return made
            objects.append(str(made.binary))
        return tuple(objects)

    def _object(self, name: str, compiler: Compiler, sanitize: tuple[str, ...]) -> Build | BuildFailed:
        """Return the object of one of the fixed parts; it is kept from run to run."""
        defines: tuple[str, ...] = ()
        if any("memory" in flag for flag in sanitize):
            defines = ("-fsanitize=memory",)
        elif sanitize:
            defines = ("-DLW_EXACT_MALLOC=1",)
        flags = ("-O2", "-std=gnu11", "-w", "-c", *defines)
        parts = (name, compiler.facts.path, compiler.facts.version, *flags)
        digest = hashlib.sha256("\0".join(parts).encode())
        for part in (*_HEADERS, name):
            digest.update((self._folder / part).read_bytes())

        def make(key: str) -> Build | BuildFailed:
            kept = self._cache / f"{key}.o"
            if kept.is_file():
                return Build(kept, "", 0.0)
            made = self._compile(compiler, self._folder / name, self._folder / f"{key}.o", flags, "c")
            if isinstance(made, Build):
                keep(made.binary.read_bytes(), kept)
            return made

        return self._once(f"runtime-{digest.hexdigest()[:24]}", make)

    def _compile(
        self, compiler: Compiler, source: Path, output: Path, flags: tuple[str, ...], language: Language
    ) -> Build | BuildFailed:
        return build(compiler, source, output, flags, language=language, cwd=source.parent, limits=self._limits)


def _taken(made: Build, fixed: tuple[str, ...]) -> BuildFailed | None:
    """Return a failure if the code defines a function that the fixed parts take from the system.

    With a ``waitpid`` of its own it could work on after the clock has stopped; with a ``write`` of its own no result
    would come back.
    """
    symbols = symbols_of(made.binary) or ()
    # A static binary defines all of the system's functions itself.
    if not any(symbol.is_dynamic for symbol in symbols):
        return None
    wanted = frozenset[str]().union(*map(_wanted, fixed))
    own = {item.name for item in symbols if item.is_function and item.is_defined and not item.is_local}
    taken = sorted(name for name in wanted & own if not name.startswith(_PREFIX))
    if not taken:
        return None
    reason = f"error: the code defines {taken[0]}(), a function of the system's that the test harness calls"
    return BuildFailed((), reason, made.elapsed_s)


@cache
def _wanted(file: str) -> frozenset[str]:
    """Return what an object of the fixed parts takes from elsewhere; objects are named after what goes into them."""
    return frozenset(item.name for item in symbols_of(Path(file)) or () if not item.is_defined)


def user_flags(flags: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Return the user's flags with absolute folders, without what chooses another kind of output, and ``harmless``.

    A relative folder is looked up from the working directory, then from ``folder``.
    """
    found: list[str] = []
    words = iter(harmless(flags))
    for word in words:
        if word in _DROPPED:
            continue
        if word in _DROPPED_WITH_ARGUMENT or word == "-x":
            next(words, None)
        elif word in _WITH_ARGUMENT:
            found += [word, _absolute(next(words, ""), folder)]
        elif word.startswith(("-I", "-L")):
            found.append(word[:2] + _absolute(word[2:], folder))
        elif not word.startswith(("-x", "-o", "-MF")):
            found.append(word)
    return tuple(found)


def library_folders(flags: tuple[str, ...], folder: Path) -> list[Path]:
    """Return the folders from which a program built with ``flags`` may load libraries."""
    words = user_flags(flags, folder)
    found = [word[2:] for word in words if word.startswith("-L") and word != "-L"]
    found += [name for option, name in itertools.pairwise(words) if option == "-L"]
    for word in words:
        if word.startswith("-Wl,-rpath"):
            found += word.removeprefix("-Wl,-rpath").lstrip("=,").split(",")[0].split(":")
    return [Path(name) for name in found if os.path.isabs(name)]


def _absolute(name: str, folder: Path) -> str:
    if not name or os.path.isabs(name):
        return name
    for base in (Path.cwd(), folder):
        if (base / name).exists():
            return str(base / name)
    return name
