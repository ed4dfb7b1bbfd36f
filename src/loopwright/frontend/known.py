"""What integer variables hold between an assignment and the next: ``k1 = k + 1; ... a[k1] ...``."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from loopwright.frontend.loops import LoopReader
from loopwright.frontend.scope import Known, Scope
from loopwright.frontend.syntax import (
    Assignment,
    Cast,
    Declaration,
    DeclarationKind,
    Expression,
    Increment,
    Name,
    Stmt,
)
from loopwright.frontend.tree import strip_casts, walk_expression


class KnownValues(LoopReader):
    """Follows assignments to integer variables along the straight path through a nest.

    A value is known from its assignment to the next write, and no further than the branch or loop that holds the
    assignment. A loop begins without those of all variables that it writes; in a switch nothing becomes known of what
    it writes, since a case may be reached from elsewhere than from the text in front of it.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._switched: frozenset[int] = frozenset()

    def note_writes(self, expression: Expression) -> None:
        """Follow what evaluating an expression writes: a plain assignment tells a value, all else makes it unknown."""
        plain = strip_casts(expression)
        written = {each.key for each in _written(expression)}
        found: tuple[Declaration, Known] | None = None
        if isinstance(plain, Assignment) and not plain.operator and len(written) == 1:
            target = strip_casts(plain.left)
            if isinstance(target, Name) and not any(True for _ in _written(plain.right)):
                found = self._learnt(target.declaration, plain.right)
        self._replace(written, found)

    def note_initial(self, declaration: Declaration, value: Expression) -> None:
        """Follow an initializer."""
        inner = {each.key for each in _written(value)}
        self._replace({declaration.key, *inner}, None if inner else self._learnt(declaration, value))

    def forget(self, keys: Iterable[int]) -> None:
        """Take the values of these variables for unknown."""
        for key in keys:
            self.scope.known.pop(key, None)

    def forget_written(self, statement: Stmt) -> None:
        """Take the values of all that ``statement`` may write for unknown."""
        effects = self.scope.finder.of(statement)
        self.forget(effects.written | effects.declared)

    @contextmanager
    def branch(self) -> Generator[None]:
        """Walk through code that may be passed over; what is known behind it is for the caller to say."""
        saved = dict(self.scope.known)
        try:
            yield
        finally:
            self.scope.known = saved

    @contextmanager
    def switch(self, statement: Stmt) -> Generator[None]:
        """Walk through a switch."""
        saved, effects = self._switched, self.scope.finder.of(statement)
        self._switched = saved | effects.written | effects.declared
        self.forget(self._switched)
        try:
            yield
        finally:
            self.forget_written(statement)
            self._switched = saved

    def _replace(self, written: Iterable[int], found: tuple[Declaration, Known] | None) -> None:
        self.forget(written)
        if found is not None:
            self.scope.known[found[0].key] = found[1]

    def _learnt(self, declaration: Declaration, value: Expression) -> tuple[Declaration, Known] | None:
        is_own = declaration.kind in (DeclarationKind.LOCAL, DeclarationKind.PARAMETER)
        if not is_own or not declaration.type.is_integer or declaration.type.is_volatile:
            return None
        if declaration.key in self.scope.finder.address_taken or declaration.key in self._switched:
            return None
        if not value.type.is_integer:
            return None
        scope = self.scope
        converted = Cast(declaration.type, value.extent, value)
        state = tuple(scope.frames), tuple(scope.conditions), dict(scope.bindings), dict(scope.known)
        return declaration, Known(converted, *state)


def _written(expression: Expression) -> Generator[Declaration]:
    """Yield the variables that evaluating an expression assigns by name."""
    for part in walk_expression(expression):
        target = part.left if isinstance(part, Assignment) else part.operand if isinstance(part, Increment) else None
        plain = strip_casts(target) if target is not None else None
        if isinstance(plain, Name):
            yield plain.declaration
