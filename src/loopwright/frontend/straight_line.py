"""The memory that a function touches outside its nests, over-approximated."""

from __future__ import annotations

import math
from collections.abc import Iterator

from loopwright.core.nest import AccessKind, Statement
from loopwright.frontend.nests import FunctionView, settle_statements
from loopwright.frontend.parameters import NameTable, ParameterTable
from loopwright.frontend.raw import Collected
from loopwright.frontend.scope import Refusal, Scope
from loopwright.frontend.statements import NestWalk
from loopwright.frontend.syntax import (
    Call,
    Expression,
    Loop,
    Member,
    Stmt,
    Subscript,
    Unary,
)
from loopwright.frontend.tree import own_expressions, sub_statements, walk_expression
from loopwright.frontend.values import single_result
from loopwright.poly.convert import Deadline


class StraightLine:
    """Collects the accesses of one function outside its nests."""

    def __init__(self, view: FunctionView) -> None:
        self._view = view

    def statements(self, roots: list[Loop]) -> tuple[Statement, ...]:
        """Return the statements outside ``roots`` that touch memory."""
        if not roots:
            return ()
        finder, body = self._view.finder, self._view.syntax.body
        whole, names = finder.of(body), NameTable()
        scope = Scope(
            whole, finder, names, ParameterTable(names), whole=whole, fields=self._view.fields, can_assume=False
        )
        scope.visible = self._view.is_visible
        walk = NestWalk(scope, Deadline(math.inf))
        for statement in self._outside(body, set(roots)):
            for expression in own_expressions(statement):
                with walk.collecting() as accesses:
                    try:
                        walk.read(expression)
                    except Refusal:
                        self._read_parts(walk, expression)
                # Scalars of the function itself say nothing of any array.
                kept = Collected(access for access in accesses if access.place.steps or access.place.root.is_pointer)
                walk.emit(statement.extent if not sub_statements(statement) else expression.extent, kept)
        return settle_statements(self._view, walk)

    def calls(self, roots: list[Loop]) -> tuple[str, ...]:
        """Return the names of the functions called outside ``roots`` that may do more than compute one value."""
        found: dict[str, None] = {}
        for statement in self._outside(self._view.syntax.body, set(roots)):
            for expression in own_expressions(statement):
                found.update(dict.fromkeys(self._calls(expression, frozenset())))
        return tuple(found)

    def _calls(self, expression: Expression, seen: frozenset[int]) -> Iterator[str]:
        finder = self._view.finder
        for part in walk_expression(expression):
            if not isinstance(part, Call) or finder.is_pure(part):
                continue
            callee = finder.function(part.target) if part.target is not None else None
            result = single_result(callee) if callee is not None and callee.key not in seen else None
            if callee is None or result is None:
                yield part.name
            else:
                yield from self._calls(result, seen | {callee.key})

    def _outside(self, statement: Stmt, roots: set[Loop]) -> Iterator[Stmt]:
        if statement in roots:
            return
        yield statement
        for part in sub_statements(statement):
            yield from self._outside(part, roots)

    def _read_parts(self, walk: NestWalk, expression: Expression) -> None:
        """Note what an expression with an unknown part touches for certain."""
        for part in walk_expression(expression):
            if isinstance(part, Subscript | Member | Unary) and part.type.is_scalar:
                if isinstance(part, Unary) and part.operator != "*":
                    continue
                try:
                    walk.touch(walk.lvalue(part), AccessKind.READ, part)
                except Refusal:
                    continue
