"""The parser's tree with the probes of ``pragmas`` turned back into directives."""

from __future__ import annotations

from dataclasses import replace

from loopwright.frontend.clang import Node
from loopwright.frontend.lower_statements import Lowering
from loopwright.frontend.openmp.directives import (
    ArraySection,
    Clause,
    Directive,
    ListItem,
    OpenMPStmt,
    StatementExpression,
)
from loopwright.frontend.openmp.pragmas import MARK, PROBE, ClauseProbe, Pragma
from loopwright.frontend.special_members import is_destroyed
from loopwright.frontend.syntax import (
    Block,
    Call,
    Cast,
    Declaration,
    DeclarationKind,
    Expression,
    ExpressionStmt,
    Extent,
    Integer,
    Name,
    NullStmt,
    Stmt,
    Unary,
    WhileStmt,
)
from loopwright.frontend.text import Text
from loopwright.frontend.tree import strip_casts
from loopwright.frontend.types import VOID, CType

STATIC_ASSERTION = 602
CASTS = frozenset({117, 124, 125, 126, 127, 128})
_STATEMENT_EXPRESSION = 121
_BLOCK = 202
_VARIABLE = 9


class DirectiveLowering(Lowering):
    """Lowers a translation unit with its directives.

    Args:
        text: The main file with probes in place.
        macro_uses: Extents of macro uses.
        pragmas: The directives by number.
        texts: Other files with probes in place, by path.
    """

    def __init__(
        self,
        text: Text,
        macro_uses: list[tuple[int, int]],
        pragmas: dict[int, Pragma],
        texts: dict[str, Text],
    ) -> None:
        super().__init__(text, macro_uses)
        self._pragmas = pragmas
        self._probed_texts = texts
        self.threadprivate: set[int] = set()

    def text_of(self, file: int) -> Text:
        """Return the bytes of a file by number, with the probes that were parsed."""
        if file not in self._texts:
            path = next(name for name, number in self._files.items() if number == file)
            if path in self._probed_texts:
                self._texts[file] = self._probed_texts[path]
        return super().text_of(file)

    def statement(self, node: Node) -> Stmt:
        """Return the statement of ``node``; a probe becomes the directive that it stands for."""
        found = super().statement(node)
        match found:
            case WhileStmt(condition=condition, body=body, extent=extent):
                call = _probe_call(condition)
                return found if call is None else self._directive(call, extent, (body,))
            case ExpressionStmt(expression=expression, extent=extent):
                call = _probe_call(expression)
                return found if call is None else self._directive(call, extent, ())
            case _:
                return found

    def note_threadprivate(self, node: Node) -> None:
        """Remember the variables that a static assertion in place of ``threadprivate`` names."""
        extent = self.extent(node)
        if MARK in self.text_of(extent.file).slice(extent.start, extent.end):
            self.threadprivate |= {part.declaration.key for part in self.names_inside(node) if isinstance(part, Name)}

    def _declare_stmt(self, extent: Extent, children: list[Node]) -> Stmt:
        for child in children:
            if child.kind == STATIC_ASSERTION:
                self.note_threadprivate(child)
        found = super()._declare_stmt(extent, children)
        if not any(child.kind == _VARIABLE and is_destroyed(child.type.canonical()) for child in children):
            return found
        # Where the scope ends, code runs that the tree does not show.
        end = Call(VOID, extent, "a destructor", None, ())
        return Block(extent, (found, ExpressionStmt(extent, end)))

    def _declare(self, node: Node, key: int, initial: Expression | None, sizes: tuple[Expression, ...]) -> Declaration:
        found = super()._declare(node, key, initial, sizes)
        if found.kind is DeclarationKind.STATIC and not node.is_static:
            # ``extern`` inside a function.
            return replace(found, kind=DeclarationKind.GLOBAL, is_internal=False)
        return found

    def _operation(self, node: Node, type_: CType, parts: list[Node]) -> Expression:
        if node.kind == _STATEMENT_EXPRESSION:
            body = next((child for child in node.children() if child.kind == _BLOCK), None)
            block = self.statement(body) if body is not None else None
            if isinstance(block, Block):
                names = self.names_inside(node)
                return StatementExpression(type_, self.extent(node), "a statement expression", names, block)
        if node.kind in CASTS and len(parts) > 1:
            # In front of the operand stand the extents of an array type.
            return Cast(type_, self.extent(node), self.expression(parts[-1]))
        return super()._operation(node, type_, parts)

    def _directive(self, call: Call, extent: Extent, body: tuple[Stmt, ...]) -> Stmt:
        number = strip_casts(call.arguments[0])
        pragma = self._pragmas.get(number.value) if isinstance(number, Integer) else None
        if pragma is None:
            return NullStmt(extent)
        operands = call.arguments[1:]
        directive = pragma.directive
        text = self.text_of(extent.file)
        ends = [text.line(max(part.extent.end - 1, part.extent.start)) for part in body]
        return OpenMPStmt(
            extent,
            body,
            Directive(
                directive.name if directive is not None else "",
                directive.argument if directive is not None else None,
                tuple(_clause(probe, operands) for probe in pragma.clauses),
                pragma.line,
                pragma.last_line,
                pragma.text,
                pragma.unknown_clause,
                pragma.number,
                text.path,
                max([pragma.last_line, *ends]),
            ),
        )


def _clause(probe: ClauseProbe, operands: tuple[Expression, ...]) -> Clause:
    items: list[ListItem] = []
    for item in probe.items:
        sections = tuple(
            ArraySection(
                operands[lower] if lower is not None else None, operands[length] if length is not None else None
            )
            for lower, length in item.sections
        )
        items.append(ListItem(item.text, _lvalue(operands[item.slot]), sections))
    is_list = bool(probe.clause.argument) and len(items) != 1
    value = items[0].expression if len(items) == 1 and not is_list and not items[0].sections else None
    return Clause(probe.clause.name, probe.clause.argument, probe.modifier, tuple(items), value)


def _lvalue(operand: Expression) -> Expression:
    """Return the lvalue behind the address that the probe was given; a value as it is."""
    inner = strip_casts(operand)
    if isinstance(inner, Unary) and inner.operator == "&":
        return inner.operand
    return operand


def _probe_call(expression: Expression) -> Call | None:
    inner = strip_casts(expression)
    return inner if isinstance(inner, Call) and inner.name == PROBE and inner.arguments else None
