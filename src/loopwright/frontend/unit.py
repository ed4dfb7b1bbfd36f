"""One file as the parser sees it: its functions, its macro uses, and what is wrong with it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.function import FileDoubt
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend.clang import Node
from loopwright.frontend.parsing import Diagnostic, Parsed
from loopwright.frontend.parsing import parse as parse_text
from loopwright.frontend.written import Dialect
from loopwright.toolchain.compiler import Compiler, find_compilers
from loopwright.toolchain.flags import harmless

_ERROR = 3
_MISSING = re.compile(r"'([^']+)' file not found")
# libclang's numbers of cursor kinds.
_MACRO_USE, _INCLUSION = 502, 503
_FUNCTIONS = frozenset({8, 21, 24, 25, 26, 30})
_CONTAINERS = frozenset({1, 2, 4, 22, 23, 31, 32})
_VARIABLE = 9
# What gcc takes with a warning and the parser refuses: functions and types that are not declared.
_OLD_C = tuple(f"-Wno-error={each}" for each in ("implicit-function-declaration", "implicit-int", "int-conversion"))
_WANTED = _FUNCTIONS | _CONTAINERS | {_VARIABLE, _MACRO_USE, _INCLUSION}


@dataclass(frozen=True, slots=True)
class Unit:
    """A parsed file.

    Attributes:
        parsed: Keeps the nodes alive.
        functions: Definitions and declarations in the main file, those inside classes and namespaces among them.
        variables: Declarations at file or namespace scope, in headers too.
        macro_uses: Extents of macro uses in the main file.
        inclusions: Offsets of its ``#include`` lines.
        errors: What the parser could not make sense of, missing headers aside.
        missing: Messages of headers that were not found.
        warnings: Of the main file, as lines.
    """

    parsed: Parsed
    functions: tuple[Node, ...]
    variables: tuple[Node, ...]
    macro_uses: tuple[tuple[int, int], ...]
    inclusions: tuple[int, ...]
    errors: tuple[Diagnostic, ...]
    missing: tuple[Diagnostic, ...]
    warnings: tuple[str, ...]

    @property
    def doubt(self) -> FileDoubt | None:
        """Return why not all of the file was understood; None if it was."""
        if self.missing:
            header = header_of(self.missing[0])
            return FileDoubt(Code.HEADER_MISSING, f"header '{header}'{_more(self.missing)} is not found")
        if self.errors:
            return FileDoubt(
                Code.DOES_NOT_PARSE, f"{place_of(self.errors[0])}: {self.errors[0].text}{_more(self.errors)}"
            )
        return None


def parse(source: Source, include: str | None, *, goes_on: bool) -> Unit:
    """Return the parsed file.

    Args:
        source: The file and the user's flags.
        include: Folder of a compiler's own headers.
        goes_on: What cannot be parsed is noted in the unit instead of raised.

    Raises:
        UserError: The parser gives up on the file; without ``goes_on`` also for an error or a missing header in it.
    """
    arguments = parser_arguments(source, include, goes_on=goes_on)
    parsed = parse_text(source.path, source.content, arguments, goes_on=goes_on)
    if parsed is None:
        flags = " ".join(source.flags)
        raise UserError(Code.DOES_NOT_PARSE, f"{source.path} cannot be parsed with the flags: {flags or '(none)'}")
    said = _said(parsed, source, include)
    if not goes_on:
        _refuse(source, said)
    return _unit(parsed, said)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the parser had to say: see ``Unit``."""

    errors: tuple[Diagnostic, ...]
    missing: tuple[Diagnostic, ...]
    warnings: tuple[str, ...]


def _said(parsed: Parsed, source: Source, include: str | None) -> _Said:
    warnings: list[str] = []
    errors: list[Diagnostic] = []
    missing: list[Diagnostic] = []
    for diagnostic in parsed.diagnostics():
        if diagnostic.severity >= _ERROR:
            if include is not None and diagnostic.path.startswith(include + os.sep) and "attribute" in diagnostic.text:
                continue  # gcc's own headers use attributes that the parser leaves out, as it may
            (missing if _MISSING.search(diagnostic.text) else errors).append(diagnostic)
        elif diagnostic.severity == _ERROR - 1 and diagnostic.path == source.path:
            warnings.append(f"{place_of(diagnostic)}: {diagnostic.text}")
    return _Said(tuple(errors), tuple(missing), tuple(warnings))


def check_diagnostics(parsed: Parsed, source: Source, include: str | None) -> tuple[str, ...]:
    """Return the parser's warnings about the file.

    Args:
        parsed: The file.
        source: Its text and the user's flags.
        include: Folder of a compiler's own headers.

    Raises:
        UserError: A header is missing, or the file has an error.
    """
    said = _said(parsed, source, include)
    _refuse(source, said)
    return said.warnings


def place_of(diagnostic: Diagnostic) -> str:
    """Return file and line."""
    return f"{diagnostic.path}:{diagnostic.line}"


def header_of(diagnostic: Diagnostic) -> str:
    """Return the name of the header that was not found."""
    found = _MISSING.search(diagnostic.text)
    return found.group(1) if found else ""


def _more(diagnostics: tuple[Diagnostic, ...]) -> str:
    return f" (and {len(diagnostics) - 1} more)" if len(diagnostics) > 1 else ""


def _refuse(source: Source, said: _Said) -> None:
    if said.missing:
        first = said.missing[0]
        hint = "name its folder at the end of the same command: -- -IFOLDER"
        raise UserError(Code.HEADER_MISSING, f"{place_of(first)}: header '{header_of(first)}' is not found", hint)
    if said.errors:
        first = said.errors[0]
        where = f"{first.path or source.path}:{first.line}"
        raise UserError(Code.DOES_NOT_PARSE, f"{where}: {first.text}{_more(said.errors)}")


def parser_arguments(source: Source, include: str | None, *, goes_on: bool = False) -> tuple[str, ...]:
    """Return the flags with which a source is parsed: the user's, its language, and a compiler's own headers."""
    # In front of the user's, which so win.
    flags = [*(_OLD_C if source.language == "c" else ()), *harmless(source.flags)]
    if not any(flag.startswith("-x") for flag in flags):
        flags[:0] = ["-x", source.language]
    if include is not None:
        flags += ["-isystem", include]
    # Every error has to be known to tell which functions are whole.
    return (*flags, f"-ferror-limit={0 if goes_on else 20}", "-fno-caret-diagnostics")


def builtin_include(settings: Settings) -> str | None:
    """Return the folder of a compiler's own headers (``stddef.h``); the library that parses brings none."""
    for compiler in find_compilers(settings):
        folder = _builtin_include(compiler)
        if folder:
            return folder
    return None


@cache
def _builtin_include(compiler: Compiler) -> str | None:
    return compiler.builtin_include()


def dialect_of(source: Source) -> Dialect:
    """Return what the flags say of the language."""
    flags = source.flags
    return Dialect(
        is_cxx=source.language == "c++",
        is_strict_aliasing=not _is_on(flags, "-fno-strict-aliasing", "-fstrict-aliasing"),
        signed_wraps=_is_on(flags, "-fwrapv", "-fno-wrapv") or "-fno-strict-overflow" in flags,
    )


def _is_on(flags: tuple[str, ...], switch: str, opposite: str) -> bool:
    """Return True if ``switch`` is given and not taken back by a later ``opposite``."""
    given = [flag for flag in flags if flag in (switch, opposite)]
    return given[-1:] == [switch]


def _unit(parsed: Parsed, said: _Said) -> Unit:
    functions: list[Node] = []
    variables: list[Node] = []
    macro_uses: list[tuple[int, int]] = []
    inclusions: list[int] = []

    def visit(nodes: list[Node]) -> None:
        for node in nodes:
            kind = node.kind
            if kind == _VARIABLE:
                variables.append(node)
            if kind == _VARIABLE or not node.is_in_main_file:
                continue
            if kind == _MACRO_USE:
                macro_uses.append(node.extent())
            elif kind == _INCLUSION:
                inclusions.append(node.extent()[0])
            elif kind in _FUNCTIONS:
                functions.append(node)
            else:
                visit(node.children_of_kind(_WANTED))

    visit(parsed.root().children_of_kind(_WANTED))
    return Unit(
        parsed,
        tuple(functions),
        tuple(variables),
        tuple(macro_uses),
        tuple(inclusions),
        said.errors,
        said.missing,
        said.warnings,
    )
