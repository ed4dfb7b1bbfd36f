"""A program's files parsed with their directives: functions by identity and by name, variables across files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

from loopwright.config import Settings
from loopwright.core.codes import Code
from loopwright.core.source import Source, Span
from loopwright.errors import UserError
from loopwright.frontend.addresses import AddressFinder
from loopwright.frontend.clang import Node
from loopwright.frontend.openmp.declarative import Declarative
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.lowering import STATIC_ASSERTION, DirectiveLowering
from loopwright.frontend.openmp.pragmas import PRELUDE, PRELUDE_PATH, Pragma, Probed, insert_probes
from loopwright.frontend.parsing import Parsed, parse
from loopwright.frontend.special_members import is_copied_by_code
from loopwright.frontend.syntax import Declaration, Extent, FunctionSyntax, Name
from loopwright.frontend.text import Text
from loopwright.frontend.tree import all_expressions, walk_statements
from loopwright.frontend.types import CType, FieldType
from loopwright.frontend.unit import builtin_include, check_diagnostics, parser_arguments
from loopwright.toolchain.flags import harmless

_VERSION_MACRO = "-D_OPENMP=202011"
_MACRO_USE = 502
_DIRECTIVE = re.compile(rb"\bpragma\b.*?\bomp\b|_Pragma", re.DOTALL)
_FUNCTIONS = frozenset({8, 21, 24, 25, 26})
_CONTAINERS = frozenset({1, 2, 4, 22, 23, 31, 32})
_TEMPLATES = frozenset({30, 31, 32})
_FUNCTION, _NAMESPACE = 8, 22
_VARIABLES = frozenset({9})
_CALLS = frozenset({103})
_EARLY = re.compile(rb"__attribute__\s*\(\([^;{]*\b_*constructor\b|\[\[[^\]]*\bconstructor\b")


@dataclass(slots=True)
class Unit:
    """One translation unit.

    Attributes:
        lowering: Its tree.
        functions: Keys of the functions that its main file defines, in order.
        parsed: Keeps the nodes alive.
        starts_early: Code of it runs before ``main`` does.
    """

    lowering: DirectiveLowering
    functions: list[int]
    parsed: Parsed
    templates: list[Extent] = field(default_factory=list[Extent])
    starts_early: bool = False


class Program:
    """The units that were given, the file asked about first."""

    def __init__(
        self,
        units: list[Unit],
        pragmas: tuple[Pragma, ...],
        declarative: Declarative,
        *,
        warnings: tuple[str, ...],
        odd: bool,
        is_cxx: bool,
    ) -> None:
        self.units = units
        self.pragmas = pragmas
        self.declarative = declarative
        self.is_cxx = is_cxx
        self.warnings = warnings
        self.has_attributes = odd
        self._by_name: dict[str, tuple[Unit, int]] = {}
        for unit in units:
            for key in unit.functions:
                syntax = unit.lowering.function(key)
                if syntax is not None:
                    self._by_name.setdefault(syntax.name, (unit, key))
        self._addresses = AddressFinder(self.function, is_cxx=is_cxx)
        self._is_scanned = False
        self._globals: tuple[tuple[Unit, Declaration], ...] | None = None
        self._directive_answers: dict[int, bool] = {}

    def hidden_pragma(self) -> Pragma | None:
        """Return a directive of the file that the preprocessor keeps and that no function shows."""
        unit = self.main_unit
        text = unit.lowering.text
        seen = {
            part.directive.number
            for function in self.functions()
            for part in walk_statements(function.body)
            if isinstance(part, OpenMPStmt)
        }
        skipped = [(text.line(start), text.line(end)) for start, end in unit.parsed.skipped(text.path)]
        for pragma in self.pragmas:
            is_kept = not any(first <= pragma.line <= last for first, last in skipped)
            is_statement = pragma.directive is None or not pragma.directive.is_declarative
            if is_kept and is_statement and pragma.number not in seen and not pragma.is_in_macro:
                return pragma
        return None

    @property
    def main_unit(self) -> Unit:
        """The unit of the file asked about."""
        return self.units[0]

    def function(self, key: int) -> FunctionSyntax | None:
        """Return the definition of a function, wherever it is."""
        for unit in self.units:
            if key in unit.lowering.function_nodes:
                found = unit.lowering.function(key)
                if found is not None:
                    return found
                return self._linked(unit.lowering.function_nodes[key].spelling)
        return None

    def _linked(self, name: str) -> FunctionSyntax | None:
        found = self._by_name.get(name)
        return found[0].lowering.function(found[1]) if found is not None else None

    @property
    def replaces_allocation(self) -> bool:
        """True if the file says what ``new`` does."""
        return any(each.name.startswith("operator new") for each in self.functions())

    def functions(self) -> tuple[FunctionSyntax, ...]:
        """Return the functions that the file asked about defines."""
        unit = self.main_unit
        found = (unit.lowering.function(key) for key in unit.functions)
        return tuple(each for each in found if each is not None)

    def is_on_device(self, unit: Unit, declaration: Declaration) -> bool:
        """Return True for a global variable of which a device has its own, which no region copies."""
        text = unit.lowering.text_of(declaration.extent.file)
        return declaration.outlives_function and self.declarative.is_on_device(
            declaration.name, text.path, text.line(declaration.extent.start)
        )

    @property
    def starts_early(self) -> bool:
        """True if code runs before ``main``, so that variables may no longer hold their first values."""
        return any(unit.starts_early for unit in self.units)

    def is_threadprivate(self, key: int) -> bool:
        """Return True for a variable that a ``threadprivate`` directive names."""
        return any(key in unit.lowering.threadprivate for unit in self.units)

    def is_address_taken(self, key: int) -> bool:
        """Return True if some function takes the address of a variable."""
        if not self._is_scanned:
            self._is_scanned = True
            for unit in self.units:
                for function in unit.functions:
                    syntax = unit.lowering.function(function)
                    if syntax is not None:
                        self._addresses.scan(syntax)
        return key in self._addresses.address_taken

    def lasting_variables(self) -> tuple[tuple[Unit, Declaration], ...]:
        """Return the global and static variables that functions name, each with the first unit that does."""
        if self._globals is None:
            found: dict[int, tuple[Unit, Declaration]] = {}
            for unit in self.units:
                for key in unit.functions:
                    function = unit.lowering.function(key)
                    for part in all_expressions(function.body) if function is not None else ():
                        if isinstance(part, Name) and part.declaration.outlives_function:
                            found.setdefault(part.declaration.key, (unit, part.declaration))
            self._globals = tuple(found.values())
        return self._globals

    def is_visible(self, function: FunctionSyntax) -> bool:
        """Return True if code in other files may call a function."""
        unit = self.unit_of(function)
        node = unit.lowering.function_nodes.get(function.key)
        if node is None:
            return True
        outer = node.parent()
        is_unnamed = outer.kind == _NAMESPACE and not outer.spelling
        return not is_unnamed and not (node.kind == _FUNCTION and node.is_static)

    def unit_of(self, function: FunctionSyntax) -> Unit:
        """Return the unit that defines a function."""
        for unit in self.units:
            if unit.lowering.function(function.key) is function:
                return unit
        return self.main_unit

    def span(self, unit: Unit, extent: Extent) -> Span:
        """Return the place of an extent."""
        return unit.lowering.text_of(extent.file).span(extent.start, extent.end)

    def fields(self, record: CType) -> tuple[FieldType, ...] | None:
        """Return the members of a record type."""
        for unit in self.units:
            found = unit.lowering.types.fields(record)
            if found is not None:
                return found
        return None

    def is_plain(self, type_: CType) -> bool:
        """Return True if objects of a type are made and copied without running code that somebody wrote."""
        return all(unit.lowering.types.is_plain(type_) for unit in self.units)

    def has_directives(self, function: FunctionSyntax) -> bool:
        """Return True if a directive stands in the body of the function."""
        if function.key not in self._directive_answers:
            found = any(isinstance(part, OpenMPStmt) for part in walk_statements(function.body))
            self._directive_answers[function.key] = found
        return self._directive_answers[function.key]


def load_program(source: Source, others: tuple[Source, ...], settings: Settings) -> Program:
    """Return the program of ``source``, with the functions of ``others`` to look into.

    Raises:
        UserError: A file does not parse, or a header is missing.
    """
    units: list[Unit] = []
    pragmas: dict[int, Pragma] = {}
    placed: list[tuple[str, Pragma]] = []
    warnings: tuple[str, ...] = ()
    odd = False
    folder = builtin_include(settings)
    own: tuple[Pragma, ...] = ()
    for each in (source, *others):
        probed = insert_probes(each.content, len(pragmas))
        own = own or probed.pragmas
        unit, found, headers = _load_unit(each, probed, pragmas, folder)
        warnings += found
        for path, part in ((each.path, probed), *headers.items()):
            placed += [(path, pragma) for pragma in part.pragmas]
            odd = odd or part.has_attributes
        units.append(unit)
    is_cxx = any(each.language == "c++" for each in (source, *others))
    return Program(units, own, Declarative(tuple(placed)), warnings=warnings, odd=odd, is_cxx=is_cxx)


def _load_unit(
    source: Source, probed: Probed, pragmas: dict[int, Pragma], folder: str | None
) -> tuple[Unit, tuple[str, ...], dict[str, Probed]]:
    pragmas.update({pragma.number: pragma for pragma in probed.pragmas})
    headers: dict[str, Probed] = {}
    parsed = _parse(source, probed, headers, folder)
    system = {str(Path(node.file()).parent) for node in parsed.root().children() if node.is_in_system_header}
    for path in _included(parsed, source):
        content = _read(path)
        if _DIRECTIVE.search(content) is not None:
            found = insert_probes(content, len(pragmas))
            is_ours = not any(str(folder) in system for folder in Path(path).parents)
            headers[path] = found if is_ours else replace(found, has_attributes=False)
            pragmas.update({pragma.number: pragma for pragma in headers[path].pragmas})
    if headers:
        parsed = _parse(source, probed, headers, folder)
    warnings = check_diagnostics(parsed, source, folder)
    texts = {path: Text(path, header.content) for path, header in headers.items()}
    unit = _collect(parsed, Text(source.path, probed.content), pragmas, texts)
    return unit, warnings, headers


def _parse(source: Source, probed: Probed, headers: dict[str, Probed], folder: str | None) -> Parsed:
    flags = tuple(flag for flag in harmless(source.flags) if not flag.startswith(("-fopenmp", "-D_OPENMP")))
    arguments = parser_arguments(replace(source, flags=flags), folder)
    # ``register`` is a keyword without effect that forbids to take an address, which the probes do.
    arguments = (*arguments, _VERSION_MACRO, "-Dregister=", "-Wno-everything", "-include", PRELUDE_PATH)
    files = ((PRELUDE_PATH, PRELUDE), *((path, header.content) for path, header in headers.items()))
    if folder is not None:
        files += ((f"{folder}/omp.h", _own_header()),)
    parsed = parse(source.path, probed.content, arguments, files)
    if parsed is None:
        raise UserError(Code.DOES_NOT_PARSE, f"{source.path} cannot be parsed")
    return parsed


@cache
def _own_header() -> bytes:
    return (resources.files("loopwright.frontend.openmp") / "omp.h").read_bytes()


def _included(parsed: Parsed, source: Source) -> list[str]:
    """Return the files that are included, inside functions too, the main file aside."""
    return [path for path in parsed.headers() if path and path not in (source.path, PRELUDE_PATH)]


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def _collect(parsed: Parsed, text: Text, pragmas: dict[int, Pragma], texts: dict[str, Text]) -> Unit:
    functions: list[Node] = []
    assertions: list[Node] = []
    templates: list[Node] = []
    variables = [node for node in parsed.root().children_of_kind(_VARIABLES) if not node.is_in_main_file]
    macro_uses: list[tuple[int, int]] = []

    def visit(nodes: list[Node]) -> None:
        for node in nodes:
            kind = node.kind
            if not node.is_in_main_file:
                continue
            if kind == _MACRO_USE:
                macro_uses.append(node.extent())
            elif kind in _FUNCTIONS:
                functions.append(node)
            elif kind == STATIC_ASSERTION:
                assertions.append(node)
            elif kind in _VARIABLES:
                variables.append(node)
            elif kind in _CONTAINERS:
                if kind in _TEMPLATES:
                    templates.append(node)
                visit(node.children())
            elif kind in _TEMPLATES:
                templates.append(node)

    visit(parsed.root().children())
    lowering = DirectiveLowering(text, macro_uses, pragmas, texts)
    for node in assertions:
        lowering.note_threadprivate(node)
    keys = [lowering.note_function(node) for node in functions]
    defined = [key for key in dict.fromkeys(keys) if lowering.function(key) is not None]
    unit = Unit(lowering, defined, parsed, [lowering.extent(node) for node in templates])
    is_marked = _EARLY.search(text.content) is not None
    unit.starts_early = is_marked or any(_runs_code(node, lowering) for node in variables)
    return unit


def _runs_code(variable: Node, lowering: DirectiveLowering) -> bool:
    """Return True if giving a global variable its first value runs a function that somebody wrote."""
    calls = variable.below(_CALLS)
    return is_copied_by_code(variable.type.canonical()) or any(lowering.is_user_defined(call) for call in calls)
