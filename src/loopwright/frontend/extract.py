"""Entry of the frontend: ``extract`` turns a source file into functions with loop nests.

Read on in this order: ``clang`` parses; ``lower``, ``lower_statements`` make the tree of ``syntax``;
``functions`` describes a function and looks for roots; ``nests`` builds one nest with the walk of
``statements``, which reads loops (``loops``), conditions (``branches``), integer values (``values``) and
places in memory (``pointers``); ``access`` settles subscripts and writes relations.
"""

from __future__ import annotations

import re

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.function import TranslationUnit
from loopwright.core.source import Source
from loopwright.errors import UserError
from loopwright.frontend import clang
from loopwright.frontend.clang import Diagnostic, Node, Parsed
from loopwright.frontend.effects import Dialect
from loopwright.frontend.functions import FunctionExtractor
from loopwright.frontend.lower_statements import Lowering
from loopwright.frontend.text import Text
from loopwright.toolchain.compiler import find_compilers

_ERROR = 3
_MISSING = re.compile(r"'([^']+)' file not found")
_MACRO_USE = 502
_FUNCTIONS = frozenset({8, 21, 24, 25, 26, 30})
_CONTAINERS = frozenset({1, 2, 4, 22, 23})
_TEMPLATES = frozenset({31, 32})


def extract(source: Source, settings: Settings, function: str | None = None) -> TranslationUnit:
    """Return the functions of ``source`` with their loop nests.

    Args:
        source: The file and the user's flags.
        settings: Say which compiler's own headers to use.
        function: Look at this function only.

    Raises:
        UserError: The file does not parse, a header is missing, or there is no such function.
    """
    parsed = _parse(source, parser_arguments(source, settings))
    warnings = check_diagnostics(parsed, source)
    nodes, macro_uses = _contents(parsed)
    lowering = Lowering(Text(source.path, source.content), macro_uses)
    dialect = Dialect(
        is_cxx=source.language == "c++",
        is_strict_aliasing=not _is_on(source.flags, "-fno-strict-aliasing", "-fstrict-aliasing"),
        signed_wraps=_is_on(source.flags, "-fwrapv", "-fno-wrapv") or "-fno-strict-overflow" in source.flags,
    )
    extractor = FunctionExtractor(lowering, dialect)
    functions = extractor.extract(nodes, function)
    if function is not None and not functions:
        known = sorted({name for name in extractor.names if name})
        hint = f"the file defines {', '.join(known[:8])}" if known else "the file defines no function"
        raise UserError(Code.NO_SUCH_FUNCTION, f"no function '{function}' in {source.path}", hint)
    return TranslationUnit(source, functions, warnings)


def _is_on(flags: tuple[str, ...], switch: str, opposite: str) -> bool:
    """Return True if ``switch`` is given and not taken back by a later ``opposite``."""
    given = [flag for flag in flags if flag in (switch, opposite)]
    return given[-1:] == [switch]


def parser_arguments(source: Source, settings: Settings) -> tuple[str, ...]:
    """Return the flags with which a source is parsed: the user's, its language, and a compiler's own headers."""
    flags = list(source.flags)
    if not any(flag.startswith("-x") for flag in flags):
        flags[:0] = ["-x", source.language]
    include = builtin_include(settings)
    if include is not None:
        flags += ["-isystem", include]
    return (*flags, "-ferror-limit=20", "-fno-caret-diagnostics")


def builtin_include(settings: Settings) -> str | None:
    """Return the folder of a compiler's own headers (``stddef.h``); the library that parses brings none."""
    for compiler in find_compilers(settings):
        folder = compiler.builtin_include()
        if folder:
            return folder
    return None


def _parse(source: Source, arguments: tuple[str, ...]) -> Parsed:
    parsed = clang.parse(source.path, source.content, arguments)
    if parsed is None:
        flags = " ".join(source.flags)
        raise UserError(Code.DOES_NOT_PARSE, f"{source.path} cannot be parsed with the flags: {flags or '(none)'}")
    return parsed


def check_diagnostics(parsed: Parsed, source: Source) -> tuple[str, ...]:
    """Return the parser's warnings about the file.

    Raises:
        UserError: A header is missing, or the file has an error.
    """
    warnings: list[str] = []
    errors: list[Diagnostic] = []
    for diagnostic in parsed.diagnostics():
        missing = _MISSING.search(diagnostic.text)
        if missing and diagnostic.severity >= _ERROR:
            where = f"{diagnostic.path}:{diagnostic.line}"
            hint = "name its folder behind --: loopwright analyze FILE -- -IFOLDER"
            raise UserError(Code.HEADER_MISSING, f"{where}: header '{missing.group(1)}' is not found", hint)
        if diagnostic.severity >= _ERROR:
            errors.append(diagnostic)
        elif diagnostic.severity == _ERROR - 1 and diagnostic.path == source.path:
            warnings.append(f"{diagnostic.path}:{diagnostic.line}: {diagnostic.text}")
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        where = f"{first.path or source.path}:{first.line}"
        raise UserError(Code.DOES_NOT_PARSE, f"{where}: {first.text}{more}")
    return tuple(warnings)


def _contents(parsed: Parsed) -> tuple[list[Node], list[tuple[int, int]]]:
    """Return the function definitions of the main file and the extents of its macro uses."""
    functions: list[Node] = []
    macro_uses: list[tuple[int, int]] = []

    def visit(nodes: list[Node]) -> None:
        for node in nodes:
            kind = node.kind
            if kind == _MACRO_USE:
                if node.is_in_main_file:
                    macro_uses.append(node.extent())
            elif kind in _FUNCTIONS:
                if node.is_in_main_file:
                    functions.append(node)
            elif (kind in _CONTAINERS or kind in _TEMPLATES) and node.is_in_main_file:
                visit(node.children())

    visit(parsed.root().children())
    return functions, macro_uses
