"""Functions: where their nests are, and the facts about them that a harness needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from loopwright.config import Limits
from loopwright.core.codes import Code
from loopwright.core.function import Function
from loopwright.core.nest import LoopNest, Unsupported
from loopwright.frontend.clang import Node
from loopwright.frontend.effects import EffectsFinder
from loopwright.frontend.liveness import Liveness
from loopwright.frontend.lower_statements import RANGE_LOOP, Lowering, qualified_name
from loopwright.frontend.nests import FunctionView, build_nest
from loopwright.frontend.scope import Refusal
from loopwright.frontend.signature import PointerName, Signatures
from loopwright.frontend.straight_line import StraightLine
from loopwright.frontend.syntax import (
    DirectiveStmt,
    ForStmt,
    FunctionSyntax,
    IfStmt,
    Loop,
    Stmt,
    SwitchStmt,
    UnknownStmt,
    WhileStmt,
)
from loopwright.frontend.tree import declared_inside, sub_statements, walk_statements
from loopwright.frontend.written import Dialect
from loopwright.poly.convert import LimitError

# libclang's numbers of cursor kinds; statements from 232 on are OpenMP's.
_TEMPLATE = 30
_VARIABLE = 9
_LOOPS = frozenset({207, 208, 209, 225, *range(232, 400)})
_REFERENCES = frozenset({101, 102})
# A table of these alone can be long, and names nothing.
_NUMBERS = re.compile(rb"(?:[\s{},()\[\]=*/+-]++|\.?[0-9][0-9a-zA-Z.]*+)*+")


class FunctionExtractor:
    """Turns the function definitions of one file into values."""

    def __init__(
        self, lowering: Lowering, dialect: Dialect, variables: Iterable[Node], nest_s: float = Limits().nest_s
    ) -> None:
        self._lowering = lowering
        self._variables = tuple(variables)
        self._nest_s = nest_s
        self._finder = EffectsFinder(lowering.function, dialect)
        self._signatures = Signatures(lowering, self._finder)
        self.names: list[str] = []
        self._internal: dict[int, bool] = {}

    def extract(self, nodes: list[Node], wanted: str | None) -> tuple[Function, ...]:
        """Return the functions that the nodes define, those called ``wanted`` if it is not None."""
        self._finder.address_taken |= self._named_by_initializers()
        found: list[tuple[FunctionSyntax, Node]] = []
        defined: set[int] = set()
        for node in nodes:
            key = self._lowering.note_function(node)
            syntax = self._lowering.function(key)
            # A function that is declared first comes up more than once.
            if syntax is None or key in defined or not node.has_body:
                continue
            defined.add(key)
            self.names.append(syntax.name)
            self._finder.scan(syntax)
            if wanted is None or wanted in (syntax.name, syntax.name.rpartition("::")[2]):
                found.append((syntax, node))
        return tuple(self._function(syntax, node) for syntax, node in found)

    def name_of(self, node: Node) -> str:
        """Return the name of a function with the namespaces and classes around it."""
        return qualified_name(node)

    def survey(
        self, nodes: list[Node], wanted: frozenset[int]
    ) -> Iterator[tuple[tuple[LoopNest, ...], tuple[Unsupported, ...]]]:
        """Yield nests and unsupported loops of each function that has a loop, and nothing else of it.

        Args:
            nodes: All functions of the file that have a body.
            wanted: Keys of those that are asked for; the others tell which addresses are taken.
        """
        looping = [node for node in nodes if node.has_below(_LOOPS)]
        # A function without loops matters for the variables whose address it takes, if other functions see them.
        keys = {node.key for node in looping}
        others = [node for node in nodes if node.key not in keys and self._names_internal(node)] if looping else []
        if looping:
            self._finder.address_taken |= self._named_by_initializers()
        found: list[tuple[FunctionSyntax, Node]] = []
        for node in (*looping, *others):
            syntax = self._lowering.function(self._lowering.note_function(node))
            if syntax is not None:
                self._finder.scan(syntax)
                if node.key in keys & wanted:
                    found.append((syntax, node))
        for syntax, node in found:
            _, search = self._search(syntax, node, self._signatures.pointer_aliases(syntax))
            yield tuple(search.nests), tuple(search.unsupported)

    def _names_internal(self, function: Node) -> bool:
        """Return True if ``function`` names a variable that only this file sees."""
        return any(True for _ in self._internal_names(function))

    def _internal_names(self, node: Node) -> Iterator[int]:
        """Yield the keys of the variables in ``node`` that only this file sees."""
        for reference in node.below(_REFERENCES):
            target = reference.referenced()
            if target is not None and target.kind == _VARIABLE and self._is_internal(target):
                yield target.key

    def _is_internal(self, variable: Node) -> bool:
        key = variable.key
        if key not in self._internal:
            self._internal[key] = variable.is_static and variable.has_global_storage
        return self._internal[key]

    def _named_by_initializers(self) -> set[int]:
        """Return the keys of the variables whose address the first value of another may be, at file scope."""
        named: set[int] = set()
        for variable in self._variables:
            value = variable.initializer()
            if value is None:
                continue
            if variable.is_in_main_file and _NUMBERS.fullmatch(self._lowering.text.content, *value.extent()):
                continue
            named.update(self._internal_names(value))
            if value.kind in _REFERENCES and (target := value.referenced()) is not None:
                named.add(target.key)
        return named

    def _search(
        self, syntax: FunctionSyntax, node: Node, aliases: tuple[tuple[PointerName, PointerName], ...]
    ) -> tuple[FunctionView, _RootSearch]:
        own = [*syntax.parameters, *declared_inside(syntax.body)]
        view = FunctionView(
            syntax,
            self._finder,
            Liveness(syntax),
            self._lowering.text_of,
            self._lowering.types.fields,
            tuple((first.key, second.key) for first, second in aliases),
            frozenset(each.key for each in own),
            frozenset(each.name for each in own),
            self._nest_s,
        )
        search = _RootSearch(view)
        if node.kind == _TEMPLATE:
            search.refuse_all(syntax.body, "a template is analysed only where it is used")
        else:
            search.visit(syntax.body)
        return view, search

    def _function(self, syntax: FunctionSyntax, node: Node) -> Function:
        signatures = self._signatures
        aliases = signatures.pointer_aliases(syntax)
        view, search = self._search(syntax, node, aliases)
        names = tuple(dict.fromkeys((first.name, second.name) for first, second in aliases))
        effects = self._finder.of(syntax.body)
        nests = tuple(search.nests)
        outside, roots = StraightLine(view), [loop for loop, _ in search.roots]
        return Function(
            syntax.name,
            view.span(syntax.extent),
            syntax.result.spelling,
            syntax.result.element_type() if syntax.result.is_scalar and syntax.result.element is None else None,
            signatures.parameters(node, syntax),
            signatures.globals(effects),
            nests,
            outside.statements(roots),
            tuple(search.unsupported),
            names,
            tuple(effects.called),
            outside.calls(roots),
        )


class _RootSearch:
    """Finds the outermost loops that nests can be made of."""

    def __init__(self, view: FunctionView) -> None:
        self._view = view
        self.nests: list[LoopNest] = []
        self.roots: list[tuple[Loop, LoopNest]] = []
        self.unsupported: list[Unsupported] = []
        self._ids: set[str] = set()
        self._branches = 0

    def visit(self, statement: Stmt) -> None:
        """Look for roots in ``statement``, outermost first."""
        if isinstance(statement, DirectiveStmt):
            text = self._view.text_of(statement.extent.file)
            for part in statement.body:
                span = text.first_line(part.extent.start, part.extent.end)
                reason = "the code already has an OpenMP directive"
                self.unsupported.append(Unsupported(self._view.syntax.name, span, Code.ALREADY_PARALLEL, reason))
            return
        if isinstance(statement, ForStmt | WhileStmt):
            if isinstance(statement, ForStmt) and statement.pragma:
                reason = f"the loop already has a directive: {statement.pragma}"
                self._refuse(statement, Code.ALREADY_PARALLEL, reason)
                return
            if self._root(statement):
                return
        if isinstance(statement, UnknownStmt) and statement.what == RANGE_LOOP:
            text = self._view.text_of(statement.extent.file)
            span = text.first_line(statement.extent.start, statement.extent.end)
            reason = f"{statement.what} is not analysed; count with an index instead"
            self.unsupported.append(Unsupported(self._view.syntax.name, span, Code.UNKNOWN_CONSTRUCT, reason))
        self._branches += isinstance(statement, IfStmt | SwitchStmt)
        for part in sub_statements(statement):
            self.visit(part)
        self._branches -= isinstance(statement, IfStmt | SwitchStmt)

    def refuse_all(self, statement: Stmt, reason: str, code: Code = Code.UNKNOWN_CONSTRUCT) -> None:
        """Note every outermost loop in ``statement`` as not analysed."""
        for part in walk_statements(statement):
            if isinstance(part, ForStmt | WhileStmt):
                self._refuse(part, code, reason)
                return

    def _root(self, loop: Loop) -> bool:
        line = self._view.text_of(loop.extent.file).line(loop.extent.start)
        identity, number = f"{self._view.syntax.name}:{line}", 2
        while identity in self._ids:
            identity, number = f"{self._view.syntax.name}:{line}_{number}", number + 1
        try:
            nest = build_nest(self._view, loop, identity)
        except Refusal as refusal:
            self._refuse(loop, refusal.code, refusal.reason)
            return False
        except LimitError as error:
            self._refuse(loop, error.code or Code.ANALYSIS_LIMIT, str(error))
            return False
        self._ids.add(identity)
        nest = replace(nest, is_conditional=bool(self._branches))
        self.nests.append(nest)
        self.roots.append((loop, nest))
        return True

    def _refuse(self, loop: Loop, code: Code, reason: str) -> None:
        text = self._view.text_of(loop.extent.file)
        span = text.first_line(loop.extent.start, loop.extent.end)
        self.unsupported.append(Unsupported(self._view.syntax.name, span, code, reason))
