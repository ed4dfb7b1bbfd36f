"""The walk through a nest: loops, branches and statements in textual order."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind, LoopKind, ReductionOperator
from loopwright.frontend.affine import NotAffine, Value, conjunction, negation
from loopwright.frontend.headers import Counting, Header, assigned_names, exit_doubt, has_exit, read_header
from loopwright.frontend.known import KnownValues
from loopwright.frontend.raw import Collected, OpenRegion, RawBlocker, RawLoop, RawStatement, RawUpdate
from loopwright.frontend.scope import Frame, Refusal, Scope
from loopwright.frontend.syntax import (
    Block,
    BreakStmt,
    Call,
    CaseStmt,
    Cast,
    ContinueStmt,
    Declaration,
    DeclarationKind,
    DeclareStmt,
    Expression,
    ExpressionStmt,
    Extent,
    ForStmt,
    FunctionSyntax,
    IfStmt,
    Loop,
    Name,
    NullStmt,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    WhileStmt,
)
from loopwright.frontend.tree import walk_expression
from loopwright.frontend.types import TypeKind
from loopwright.frontend.updates import FoundUpdate, find_update, has_simple_calls
from loopwright.poly.convert import Deadline


class NestWalk(KnownValues):
    """Walks through one nest and notes its loops and statements."""

    def __init__(self, scope: Scope, deadline: Deadline) -> None:
        super().__init__(scope)
        self.deadline = deadline
        self.statements: list[RawStatement] = []
        self.loops: list[RawLoop] = []
        self.declared: dict[int, tuple[Declaration, str | None]] = {}
        self.exposed: frozenset[int] = frozenset()
        self._prefix: list[str] = []
        self._position = 0
        self._doubted = 0
        self._open: list[RawLoop] = []
        self._regions: list[OpenRegion] = []

    def walk(self, statement: Stmt) -> None:
        """Walk through one statement.

        Raises:
            Refusal: It keeps the loop from being the root of a nest.
            LimitError: The walk has taken longer than it may.
        """
        self.deadline.check()
        match statement:
            case Block(body=body):
                for part in body:
                    self.walk(part)
            case ForStmt() | WhileStmt():
                self.loop(statement)
            case IfStmt():
                self._branch(statement)
            case DeclareStmt(declarations=declarations):
                for declaration in declarations:
                    self._declare(declaration, statement)
            case ExpressionStmt(expression=expression):
                self._simple(statement, expression)
            case SwitchStmt(condition=condition, body=body):
                self._evaluate(condition, condition.extent)
                doubt = NotAffine(Code.NON_AFFINE_CONDITION, "which case of the switch runs is not known")
                with self._region(is_switch=True), self.scope.under("", doubt), self.switch(body):
                    self.walk(body)
            case CaseStmt(body=body):
                self.walk(body)
            case BreakStmt() | ContinueStmt() | ReturnStmt():
                self._jump(statement)
            case NullStmt():
                return
            case _:
                raise Refusal(Code.UNKNOWN_CONSTRUCT, "a statement that is not understood", statement.extent)

    def inline(self, call: Call, callee: FunctionSyntax) -> None:
        """Walk the body of a helper in front of the current statement."""
        if len(self._inlining) > _DEEPEST:
            raise Refusal(Code.ANALYSIS_LIMIT, f"'{call.name}' is called too deeply", call.extent)
        with self._region(is_helper=True):
            self.walk(callee.body)

    def emit(self, extent: Extent, accesses: Collected, update: RawUpdate | None = None) -> None:
        """Note one statement at the current point."""
        if not accesses:
            return
        inexact = self.scope.inexact[-1] if self.scope.inexact else None
        self.statements.append(
            RawStatement(
                f"S{len(self.statements)}",
                extent,
                tuple(self.scope.frames),
                self.scope.formula(),
                inexact,
                (*self._prefix, str(self._position)),
                accesses,
                update,
                self._conditions(),
                accesses.operations,
            )
        )
        self._position += 1

    def _conditions(self) -> tuple[str, ...]:
        """Return the names of the conditions that decide whether the current point is reached; empty if unknown."""
        names = tuple(doubt.condition for doubt in self.scope.inexact)
        return tuple(dict.fromkeys(names)) if all(names) else ()

    def _evaluate(self, expression: Expression, extent: Extent) -> None:
        """Note what evaluating a condition or bound reads."""
        with self.collecting() as accesses:
            self.read(expression, is_index=True)
        self.emit(extent, accesses)
        self.note_writes(expression)

    def _simple(self, statement: Stmt, expression: Expression) -> None:
        found = find_update(statement)
        if found is None or not self._update(found, statement.extent):
            with self.collecting() as accesses:
                self.read(expression)
            self.emit(statement.extent, accesses)
        self.note_writes(expression)

    def _update(self, found: FoundUpdate, extent: Extent) -> bool:
        """Note the statement as an update if what is combined does not read the target."""
        inlined = any(isinstance(part, Call) for operand in found.operands for part in walk_expression(operand))
        if inlined and not all(has_simple_calls(operand, self.scope.finder) for operand in found.operands):
            return False
        place = self.lvalue(found.target)
        if not place.root.is_known or place.code is Code.REINTERPRETED_MEMORY:
            return False
        with self.collecting() as accesses:
            self.address(found.target)
            for operand in found.operands:
                self.read(operand)
            if any(access.place.key == place.key for access in accesses):
                return False
            for kind in (AccessKind.READ, AccessKind.WRITE):
                self.touch(place, kind, found.target, is_update=True)
        is_float = found.target.type.kind is TypeKind.FLOAT
        if is_float and found.operator in (ReductionOperator.ADD, ReductionOperator.MULTIPLY):
            accesses.operations += max(len(found.operands), 1)
        is_own_text = found.is_expression_statement and not any(region.is_helper for region in self._regions)
        self.emit(extent, accesses, RawUpdate(place, found.operator, is_float, is_own_text))
        return True

    def _declare(self, declaration: Declaration, statement: Stmt) -> None:
        if declaration.kind is not DeclarationKind.LOCAL:
            return
        self.declared[declaration.key] = declaration, self._open[-1].name if self._open else None
        initial = declaration.initializer
        if initial is None:
            self.forget((declaration.key,))
            return
        target = Name(declaration.type, declaration.extent, declaration)
        kind = declaration.type.kind
        if kind is TypeKind.REFERENCE:
            with self.collecting() as accesses:
                self.address(initial)
            self.scope.bindings[declaration.key] = self.lvalue(initial)
            self.emit(statement.extent, accesses)
            self.note_writes(initial)
            return
        with self.collecting() as accesses:
            self.read(initial)
            self.touch(self.lvalue(target), AccessKind.WRITE, target, is_initial=True)
        if self.scope.effects.writes.get(declaration.key) == 1 and not self._is_exposed(declaration):
            if kind is TypeKind.POINTER:
                self.scope.bindings[declaration.key] = self.pointer(initial)
                others = Collected(each for each in accesses if each.place.root.key != declaration.key)
                self.emit(statement.extent, others)
                self.note_writes(initial)
                return
            if declaration.type.is_integer:
                self.scope.bindings[declaration.key] = self.value(Cast(declaration.type, initial.extent, initial))
        self.emit(declaration.extent, accesses)
        self.note_initial(declaration, initial)

    def _is_exposed(self, declaration: Declaration) -> bool:
        return declaration.key in self.scope.finder.address_taken

    def _branch(self, statement: IfStmt) -> None:
        found = find_update(statement)
        if found is not None and self._update(found, statement.extent):
            self.forget_written(statement)
            return
        self._evaluate(statement.condition, statement.condition.extent)
        condition = self.condition(statement.condition)
        doubt = None
        if not condition.is_exact:
            code = condition.code or Code.NON_AFFINE_CONDITION
            doubt = NotAffine(code, condition.reason, f"c{self._doubted}")
            self._doubted += 1
        with self.branch(), self.scope.under(condition.when_true, doubt):
            self.walk(statement.then)
        if statement.otherwise is not None:
            opposite = doubt.opposite() if doubt is not None else None
            with self.branch(), self.scope.under(condition.when_false, opposite):
                self.walk(statement.otherwise)
        self.forget_written(statement)

    def _jump(self, statement: BreakStmt | ContinueStmt | ReturnStmt) -> None:
        if isinstance(statement, ReturnStmt):
            if statement.value is not None:
                with self.collecting() as accesses:
                    self.read(statement.value)
                self.emit(statement.extent, accesses)
            for region in reversed(self._regions):
                if region.loop is not None:
                    reason = f"'return' leaves the loop over '{region.loop.name}' early"
                    region.loop.blockers.append(RawBlocker(Code.EARLY_EXIT, reason, statement.extent))
                elif region.is_helper:
                    self._skip_rest(region)
                    break
            return
        for region in reversed(self._regions):
            if isinstance(statement, BreakStmt) and region.is_switch:
                return
            if region.loop is not None:
                if isinstance(statement, BreakStmt):
                    reason = f"'break' leaves the loop over '{region.loop.name}' early"
                    region.loop.blockers.append(RawBlocker(Code.EARLY_EXIT, reason, statement.extent))
                else:
                    self._skip_rest(region)
                return

    def _skip_rest(self, region: OpenRegion) -> None:
        """Note that what follows in the region runs only where the jump at this point is not reached."""
        scope = self.scope
        doubts = scope.inexact[region.inexact :]
        if doubts:
            alone = len(doubts) == 1
            scope.inexact.insert(region.inexact, doubts[0].opposite() if alone else replace(doubts[-1], condition=""))
        else:
            path = conjunction(*scope.conditions[region.conditions :])
            scope.conditions.insert(region.conditions, negation(path) if path else "false")
        for inner in self._regions[self._regions.index(region) + 1 :]:
            inner.inexact += bool(doubts)
            inner.conditions += not doubts

    @contextmanager
    def _region(
        self, *, loop: RawLoop | None = None, is_switch: bool = False, is_helper: bool = False
    ) -> Generator[None]:
        """Walk a body whose jumps end with it."""
        scope = self.scope
        region = OpenRegion(len(scope.conditions), len(scope.inexact), loop, is_switch, is_helper)
        self._regions.append(region)
        try:
            yield
        finally:
            self._regions.pop()
            del scope.conditions[region.conditions :]
            del scope.inexact[region.inexact :]

    def loop(self, statement: Loop) -> None:
        """Walk through a loop."""
        if len(self._open) >= _DEEPEST:
            raise Refusal(Code.ANALYSIS_LIMIT, "loops are nested too deeply", statement.extent)
        self.forget_written(statement)
        header = read_header(statement) if isinstance(statement, ForStmt) else _NOT_COUNTED
        if not self._open and isinstance(header, Header):
            self.note_evaluated((header.init, header.condition))
        counted: Counting | NotAffine = header if isinstance(header, NotAffine) else self._counted(statement, header)
        if isinstance(header, Header) and isinstance(counted, Counting):
            self._counted_loop(statement, header, counted)
        elif isinstance(counted, NotAffine):
            if not self._open:
                raise Refusal(counted.code, counted.reason, statement.extent)
            self._uncounted_loop(statement, counted)

    def _counted(self, statement: Loop, header: Header) -> Counting | NotAffine:
        body = self.scope.finder.of(statement.body)
        iterator = header.iterator
        if not self.scope.finder.is_fixed_variable(iterator, body):
            return NotAffine(Code.ITERATOR_WRITTEN, f"the loop variable '{iterator.name}' is written in the body")
        name = self._loop_name(statement, iterator.name)
        self.declared.setdefault(iterator.key, (iterator, name if header.declares else None))
        counted = self.count(header, name, has_exits=has_exit(statement))
        if isinstance(counted, Counting) and counted.inexact is not None:
            mine = {*self.scope.bindings, iterator.key}
            if not self.scope.finder.is_fixed_but_for(header.condition, body, mine):
                return NotAffine(Code.UNCOUNTED_LOOP, "the loop's bound changes while it runs")
        return counted

    def _loop_name(self, statement: Loop, wanted: str) -> str:
        if statement not in self._names:
            self._names[statement] = self.scope.names.take(wanted)
        return self._names[statement]

    @cached_property
    def _names(self) -> dict[Loop, str]:
        return {}

    def _counted_loop(self, statement: Loop, header: Header, counting: Counting) -> None:
        iterator = header.iterator
        name = self._loop_name(statement, iterator.name)
        raw = self._open_loop(statement, name, LoopKind.COUNTED, header, counting)
        self._evaluate(header.init, header.init.extent)
        if iterator.key in self.exposed:
            self._touch_iterator(header, header.init.extent, (AccessKind.WRITE,))
        number = header.step if header.step is not None else 1
        frame = Frame(name, counting.formula, number < 0, counting.bound)
        saved = self.scope.bindings.get(iterator.key)
        with self._inside(raw, frame, counting.inexact or exit_doubt(statement)):
            self.scope.bindings[iterator.key] = Value.of(counting.value)
            self.iterators.add(iterator.key)
            self._evaluate(header.condition, header.condition.extent)
            self.walk(statement.body)
            if iterator.key in self.exposed and isinstance(statement, ForStmt) and statement.increment is not None:
                self._touch_iterator(header, statement.increment.extent, (AccessKind.READ, AccessKind.WRITE))
            self.iterators.discard(iterator.key)
        self._restore(iterator.key, saved)

    def _touch_iterator(self, header: Header, extent: Extent, kinds: tuple[AccessKind, ...]) -> None:
        target = Name(header.iterator.type, extent, header.iterator)
        with self.collecting() as accesses:
            for kind in kinds:
                self.touch(self.lvalue(target), kind, target)
        self.emit(extent, accesses)

    def _uncounted_loop(self, statement: Loop, why: NotAffine) -> None:
        wanted = "w"
        if isinstance(statement, ForStmt) and statement.init is not None:
            self.walk(statement.init)
            wanted = next(iter(assigned_names(statement.init)), "w")
        name = self._loop_name(statement, wanted)
        raw = self._open_loop(statement, name, LoopKind.UNCOUNTED, None, None)
        raw.blockers.append(RawBlocker(why.code, why.reason, statement.extent))
        doubt = NotAffine(Code.UNCOUNTED_LOOP, f"it is not known how often the loop runs: {why.reason}")
        with self._inside(raw, Frame(name, f"{name} >= 0"), doubt):
            if isinstance(statement, ForStmt):
                if statement.condition is not None:
                    self._evaluate(statement.condition, statement.condition.extent)
                self.walk(statement.body)
                if statement.increment is not None:
                    self._simple(statement, statement.increment)
            elif statement.is_do:
                self.walk(statement.body)
                self._simple(statement, statement.condition)
            else:
                self._simple(statement, statement.condition)
                self.walk(statement.body)

    def _open_loop(
        self, statement: Loop, name: str, kind: LoopKind, header: Header | None, counting: Counting | None
    ) -> RawLoop:
        parent = self._open[-1].name if self._open else None
        is_inlined = any(region.is_helper for region in self._regions)
        raw = RawLoop(name, statement, header, counting, parent, len(self._open), kind, is_inlined)
        self.loops.append(raw)
        return raw

    @contextmanager
    def _inside(self, raw: RawLoop, frame: Frame, doubt: NotAffine | None) -> Generator[None]:
        """Walk the body of a loop."""
        scope = self.scope
        outer = self._prefix, self._position + 1
        self._prefix = [*self._prefix, str(self._position), f"-{frame.name}" if frame.is_descending else frame.name]
        self._position = 0
        self._open.append(raw)
        scope.frames.append(frame)
        self.forget_written(raw.syntax)
        try:
            with scope.under("", doubt), self._region(loop=raw):
                yield
        finally:
            self.forget_written(raw.syntax)
            scope.frames.pop()
            self._open.pop()
            self._prefix, self._position = outer


_DEEPEST = 12
_NOT_COUNTED = NotAffine(Code.UNCOUNTED_LOOP, "it is not a 'for' loop")
