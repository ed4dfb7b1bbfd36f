"""Functions: where their nests are, and the facts about them that a harness needs."""

from __future__ import annotations

from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.core.function import Function
from loopwright.core.nest import LoopNest, Unsupported
from loopwright.frontend.clang import Node
from loopwright.frontend.effects import Dialect, EffectsFinder
from loopwright.frontend.liveness import Liveness
from loopwright.frontend.lower_statements import RANGE_LOOP, Lowering
from loopwright.frontend.nests import FunctionView, build_nest
from loopwright.frontend.scope import Refusal
from loopwright.frontend.signature import Signatures
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

_TEMPLATE = 30


class FunctionExtractor:
    """Turns the function definitions of one file into values."""

    def __init__(self, lowering: Lowering, dialect: Dialect) -> None:
        self._lowering = lowering
        self._finder = EffectsFinder(lowering.function, dialect)
        self.names: list[str] = []

    def extract(self, nodes: list[Node], wanted: str | None) -> tuple[Function, ...]:
        """Return the functions that the nodes define, those called ``wanted`` if it is not None."""
        found: list[tuple[FunctionSyntax, Node]] = []
        for node in nodes:
            key = self._lowering.note_function(node)
            syntax = self._lowering.function(key)
            if syntax is None:
                continue
            self.names.append(syntax.name)
            self._finder.scan(syntax)
            if wanted is None or wanted in (syntax.name, syntax.name.rpartition("::")[2]):
                found.append((syntax, node))
        return tuple(self._function(syntax, node) for syntax, node in found)

    def _function(self, syntax: FunctionSyntax, node: Node) -> Function:
        signatures = Signatures(self._lowering, self._finder)
        aliases = signatures.pointer_aliases(syntax)
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
        )
        search = _RootSearch(view)
        if node.kind == _TEMPLATE:
            search.refuse_all(syntax.body, "a template is analysed only where it is used")
        else:
            search.visit(syntax.body)
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
        self._ids.add(identity)
        nest = replace(nest, is_conditional=bool(self._branches))
        self.nests.append(nest)
        self.roots.append((loop, nest))
        return True

    def _refuse(self, loop: Loop, code: Code, reason: str) -> None:
        text = self._view.text_of(loop.extent.file)
        span = text.first_line(loop.extent.start, loop.extent.end)
        self.unsupported.append(Unsupported(self._view.syntax.name, span, code, reason))
