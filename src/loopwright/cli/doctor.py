"""``loopwright doctor``: what works on this machine, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType

from loopwright.cli.failure import EXIT_NO, EXIT_YES
from loopwright.cli.files import require_writable
from loopwright.cli.options import Format, FormatOption, make_settings
from loopwright.cli.output import print_document, print_text
from loopwright.config import Settings
from loopwright.core.verdict import Outcome
from loopwright.errors import ToolchainError
from loopwright.render.json_report import Document, envelope, host_document
from loopwright.render.lines import labelled, prose
from loopwright.render.wording import counted
from loopwright.version import __version__

EPILOG = """Examples:

loopwright doctor

loopwright doctor --format json

Exit status: 0 if optimize can work here, even if with weaker checks; 1 if it cannot."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: Of the thing.
        outcome: PASS; SKIPPED if loopwright works without it, but less well; FAIL if it does not work without it.
        detail: What was found, or what is weaker without it.
        remedy: The command or the change that mends it; "" where nothing is wrong.
    """

    name: str
    outcome: Outcome
    detail: str
    remedy: str = ""


def doctor(output_format: FormatOption = Format.TEXT) -> int:
    """Say what works on this machine, what is missing, and how to get it.

    Nothing is installed or fetched. Compilers and sanitizers are tried on small programs with and without a bug.
    """
    settings = make_settings()
    checks: list[Check] = []
    for check in _checks(settings):
        checks.append(check)
        if output_format is Format.TEXT:
            print_text(_row(check))
    works = all(check.outcome is not Outcome.FAIL for check in checks)
    if output_format is Format.JSON:
        print_document(_document(checks, works, settings))
    else:
        weaker = sum(check.outcome is Outcome.SKIPPED for check in checks)
        answer = "loopwright works here" if works else "loopwright cannot work here yet"
        print_text(prose(f"{answer}, with {counted(weaker, 'thing')} missing" if weaker else answer))
    return EXIT_YES if works else EXIT_NO


def _row(check: Check) -> RenderableType:
    remedy = f" -> {check.remedy}" if check.remedy else ""
    return labelled(check.outcome, f"{check.name}: {check.detail}{remedy}")


def _document(checks: list[Check], works: bool, settings: Settings) -> Document:
    from loopwright.toolchain.host import describe_host

    return {
        **envelope("doctor"),
        "works": works,
        "checks": [
            {"name": check.name, "outcome": check.outcome.value, "detail": check.detail, "remedy": check.remedy}
            for check in checks
        ],
        "host": host_document(describe_host(settings)),
    }


def _checks(settings: Settings) -> Iterator[Check]:
    yield Check("loopwright", Outcome.PASS, f"{__version__} on Python {platform.python_version()}")
    yield from _libraries()
    yield from _machine(settings)
    yield from _compilers(settings)
    yield _cache(settings)
    yield _weights(settings)


def _libraries() -> Iterator[Check]:
    # Loaded here: a library that does not load is what this command is there to say.
    for name, module in (("libclang", "clang.cindex"), ("islpy", "islpy")):
        try:
            loaded = importlib.import_module(module)
            if name == "libclang":
                loaded.Index.create()
            yield Check(name, Outcome.PASS, importlib.metadata.version(name))
        except Exception as error:  # a broken native library fails in any way it likes
            yield Check(name, Outcome.FAIL, f"does not load: {error}", f"pip install --force-reinstall {name}")


def _machine(settings: Settings) -> Iterator[Check]:
    from loopwright.toolchain.host import describe_host

    host = describe_host(settings)
    yield Check(
        "machine", Outcome.PASS, f"{host.cpu}, {host.cores} cores, {host.memory_bytes >> 30} GiB, {host.system}"
    )


def _compilers(settings: Settings) -> Iterator[Check]:
    from loopwright.toolchain.compiler import INSTALL_CLANG, INSTALL_GCC, find_compilers, has_openmp
    from loopwright.toolchain.sanitizer import Sanitizer, supports

    compilers = {compiler.facts.family: compiler for compiler in find_compilers(settings)}
    gcc, clang = compilers.get("gcc"), compilers.get("clang")
    if gcc is not None:
        yield Check("gcc", Outcome.PASS, f"{gcc.facts.version} ({gcc.facts.path})")
    else:
        other = Outcome.FAIL if clang is None else Outcome.SKIPPED
        yield Check("gcc", other, "no gcc 11 or newer; it is the stronger serial baseline", INSTALL_GCC)
    if clang is not None:
        yield Check("clang", Outcome.PASS, f"{clang.facts.version} ({clang.facts.path})")
    else:
        yield Check("clang", Outcome.SKIPPED, "no clang 14 or newer: no race check, one baseline less", INSTALL_CLANG)
    with_openmp = [compiler.label for compiler in compilers.values() if has_openmp(compiler)]
    if with_openmp:
        yield Check("OpenMP", Outcome.PASS, ", ".join(with_openmp))
    else:
        yield Check("OpenMP", Outcome.FAIL, "no compiler runs a parallel loop", INSTALL_GCC)
    purposes = {
        Sanitizer.THREAD: "data races",
        Sanitizer.ADDRESS: "bad addresses and undefined behaviour",
        Sanitizer.MEMORY: "uninitialised reads",
    }
    for kind, purpose in purposes.items():
        able = [compiler.label for compiler in compilers.values() if supports(compiler, kind)]
        if able:
            yield Check(f"{kind} sanitizer", Outcome.PASS, f"finds {purpose}: {', '.join(able)}")
        else:
            yield Check(f"{kind} sanitizer", Outcome.SKIPPED, f"{purpose} are not looked for", INSTALL_CLANG)


def _cache(settings: Settings) -> Check:
    try:
        require_writable(settings.cache)
    except ToolchainError as error:
        return Check("cache", Outcome.SKIPPED, error.one_line(), "set LOOPWRIGHT_CACHE to a folder of yours")
    return Check("cache", Outcome.PASS, str(settings.cache))


def _weights(settings: Settings) -> Check:
    from loopwright.models.weights import SIZE_BYTES, find_weights

    path = find_weights(settings)
    if path is not None:
        return Check("embedded model", Outcome.PASS, str(path))
    return Check(
        "embedded model",
        Outcome.SKIPPED,
        f"{SIZE_BYTES // 10**6} MB, fetched at first use; without it the heuristic proposes alone",
        "loopwright models fetch",
    )
