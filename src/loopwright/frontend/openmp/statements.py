"""Statements of C in the symbolic run: blocks, branches, jumps, functions' bodies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import Value, conjunction, negation
from loopwright.frontend.openmp.calls import Caller
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.facts import names_in
from loopwright.frontend.openmp.machine import Frame, Truth
from loopwright.frontend.openmp.memory import (
    NOTHING,
    Abstract,
    Doubt,
    MemoryObject,
    Opaque,
    Place,
    Pointer,
    State,
)
from loopwright.frontend.openmp.recorder import RawLock
from loopwright.frontend.syntax import (
    Aggregate,
    Assignment,
    Block,
    BreakStmt,
    Call,
    CaseStmt,
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
    Increment,
    JumpStmt,
    Name,
    NullStmt,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    UnknownExpression,
    WhileStmt,
)
from loopwright.frontend.tree import all_expressions, sub_statements, walk_expression
from loopwright.frontend.types import CType, TypeKind
from loopwright.frontend.updates import find_update


@dataclass(slots=True, eq=False)
class Target:
    """Something that a jump leaves: a loop, a switch, a function, the program.

    Attributes:
        kind: ``loop``, ``switch``, ``function`` or ``program``.
        states: At the jumps to its end.
    """

    kind: str
    states: list[State]


@dataclass(frozen=True, slots=True)
class Escape:
    """A jump: where it goes, and the conditions under which it was reached."""

    target: Target
    path: tuple[str, ...]
    doubts: tuple[Doubt, ...]


class OutOfTime(Exception):  # noqa: N818  # an answer to the caller, not an error
    """The symbolic run has taken longer than it may; never leaves the frontend."""


class StatementRunner(Caller):
    """Runs statements."""

    is_over: Callable[[], bool]
    targets: list[Target]
    escapes: list[Escape]

    def directive(self, statement: OpenMPStmt) -> None:
        """Run a directive with what it governs."""
        raise NotImplementedError

    def loop(self, statement: ForStmt | WhileStmt) -> None:
        """Run a loop."""
        raise NotImplementedError

    def run(self, block: Block) -> None:
        """Run the statements of a block."""
        self.sequence(block.body)

    def sequence(self, statements: tuple[Stmt, ...]) -> None:
        """Run statements one after the other, as far as they are reached."""
        with self.scope():
            for part in statements:
                if self.state.is_dead and not _is_entered(part):
                    continue
                mark = len(self.escapes)
                self.statement(part)
                self._exclude(mark)

    @contextmanager
    def scope(self) -> Generator[None]:
        """Undo at the end what is added to the path inside."""
        recorder = self.recorder
        length = len(self.facts.path)
        marks = (len(recorder.branches), len(recorder.doubts)) if recorder is not None else (0, 0)
        try:
            yield
        finally:
            del self.facts.path[length:]
            if recorder is not None:
                del recorder.branches[marks[0] :]
                del recorder.doubts[marks[1] :]

    def _exclude(self, mark: int) -> None:
        """Note that what follows runs only where the jumps since ``mark`` were not taken."""
        if self.state.is_dead:
            return
        for escape in self.escapes[mark:]:
            here = self.facts.path
            shared = _shared_length(escape.path, here)
            extra = conjunction(*escape.path[shared:])
            recorder = self.recorder
            doubts = escape.doubts[len(recorder.doubts) :] if recorder is not None else ()
            foreign = self._is_foreign(extra)
            doubt: Doubt | None = doubts[0] if doubts else None
            if doubt is None and foreign:
                doubt = Doubt(Code.EARLY_EXIT, "whether the code is left before is not known")
            if recorder is not None:
                recorder.enter_branch(doubt)
            if extra and doubt is None:
                self.facts.path.append(negation(extra))

    def _is_foreign(self, formula: str) -> bool:
        """Return True if a formula speaks of iterations that are over."""
        recorder = self.recorder
        own = set(recorder.dimensions(recorder.current)) if recorder is not None else set[str]()
        return any(not self.facts.is_parameter(name) and name not in own for name in names_in(formula))

    def statement(self, statement: Stmt) -> None:
        """Run one statement.

        Raises:
            OutOfTime: The run has taken longer than it may.
        """
        if self.is_over():
            raise OutOfTime
        recorder = self.recorder
        if recorder is not None:
            recorder.statement = self.program.span(self.frame.unit, statement.extent)
        match statement:
            case Block():
                self.run(statement)
            case DeclareStmt(declarations=declarations):
                for declaration in declarations:
                    self._declare_variable(declaration)
            case ExpressionStmt(expression=expression):
                self._expression(statement, expression)
            case IfStmt():
                self._if(statement)
            case ForStmt() | WhileStmt():
                self.loop(statement)
            case OpenMPStmt():
                self.directive(statement)
            case ReturnStmt(value=value):
                self._return(value)
            case BreakStmt():
                self.leave(self._jump_target(("loop", "switch")))
            case ContinueStmt():
                self.leave(self._jump_target(("loop",)))
            case SwitchStmt():
                self._switch(statement)
            case CaseStmt(body=body):
                self._begin_case()
                self.statement(body)
            case NullStmt():
                return
            case JumpStmt(body=body):
                self._forget_written(statement)
                self.anything(Code.GOTO, "goto or a label is not analysed", self.line(statement.extent))
                if body is not None:
                    # Whatever jumps here has done anything before.
                    self.state = State()
                    self.statement(body)
            case _:
                self._forget_written(statement)
                self.anything(Code.UNKNOWN_CONSTRUCT, "a statement that is not analysed", self.line(statement.extent))

    def _forget_written(self, statement: Stmt) -> None:
        for part in all_expressions(statement):
            for inner in walk_expression(part):
                if isinstance(inner, Name):
                    self.state.forget(self.object_of(inner.declaration))

    def _jump_target(self, kinds: tuple[str, ...]) -> Target | None:
        return next((target for target in reversed(self.targets) if target.kind in kinds), None)

    def leave(self, _target: object) -> None:
        """Jump to the end of a target (the program, if it is None)."""
        target = _target if isinstance(_target, Target) else self.targets[0]
        target.states.append(self.state.copy())
        doubts = tuple(self.recorder.doubts) if self.recorder is not None else ()
        self.escapes.append(Escape(target, tuple(self.facts.path), doubts))
        self.state.is_dead = True

    @contextmanager
    def target(self, kind: str) -> Generator[Target]:
        """Run a body that jumps may leave; the state behind it is for the caller to put together."""
        found = Target(kind, [])
        self.targets.append(found)
        try:
            yield found
        finally:
            self.targets.pop()
            self.escapes = [escape for escape in self.escapes if escape.target is not found]

    def _expression(self, statement: ExpressionStmt, expression: Expression) -> None:
        recorder = self.recorder
        if recorder is not None:
            found = find_update(statement)
            recorder.update = None
            if found is not None:
                places = self._quiet_places(found.target)
                recorder.update = (places[0], found.operator) if places is not None and len(places) == 1 else None
        self.evaluate(expression)
        if recorder is not None:
            recorder.update = None

    def _quiet_places(self, target: Expression) -> tuple[Place, ...] | None:
        """Return the places of an lvalue without noting what finding them reads."""
        recorder = self.recorder
        if recorder is None or any(not _is_simple(part) for part in walk_expression(target)):
            return None
        saved, recorder.is_scouting = recorder.is_scouting, True
        written = set(recorder.written)
        try:
            return self.places(target)
        finally:
            recorder.is_scouting, recorder.written = saved, written

    def _declare_variable(self, declaration: Declaration) -> None:
        if declaration.kind is not DeclarationKind.LOCAL:
            return
        if declaration.type.kind is TypeKind.REFERENCE:
            initial = declaration.initializer
            places = self.places(initial) if initial is not None else None
            if places is not None and len(places) == 1:
                self.frame.references[declaration.key] = places[0]
            return
        object_ = self.declare(declaration)
        self.measure(declaration, object_)
        if declaration.type.is_volatile:
            self.unstable.add(object_)
        initial = declaration.initializer
        if initial is not None:
            self.initialize(Place(object_, (), declaration.type), initial, declaration.extent)

    def measure(self, declaration: Declaration, object_: MemoryObject) -> None:
        """Note the extents of an array that are not constants."""
        if not declaration.sizes:
            return
        found: dict[int, Value] = {}
        # Sizes are listed innermost first; a depth of 1 is an array of elements that are no arrays.
        for depth, size in enumerate(declaration.sizes, 1):
            value = self.number(size)
            if isinstance(value, Value):
                found[depth] = value
        self.extents[object_.key] = found

    def initialize(self, place: Place, initial: Expression, extent: Extent) -> None:
        """Give a new variable its first value."""
        if isinstance(initial, Aggregate) or place.type.kind is TypeKind.ARRAY:
            self._initialize_parts(place, initial)
            return
        if not place.type.is_scalar:
            self.evaluate(initial)
            self.touch(place, AccessKind.WRITE, extent)
            return
        value = self.evaluate(initial)
        if isinstance(value, Opaque) and place.type.is_integer and self.recorder is None:
            value = self.fresh(place.object.name, place.type)
        if isinstance(value, Value) and place.type.is_integer and initial.type.is_integer:
            value = self.numbers.converted(value, initial.type, place.type) or NOTHING
        self.store(place, value, extent)

    def _initialize_parts(self, place: Place, initial: Expression) -> None:
        self.state.forget(place.object)
        if not isinstance(initial, Aggregate):
            self.evaluate(initial)
            return
        values: list[Abstract] = [self.evaluate(item) for item in initial.items]
        numbers = [value.constant for value in values if isinstance(value, Value)]
        known = [number for number in numbers if number is not None]
        element = place.type.element
        if element is None or place.steps or place.type.kind is not TypeKind.ARRAY:
            return
        count = place.type.count or len(values)
        if element.is_integer and len(known) == len(values) and count <= 4096:
            self.state.tables[place.object] = (*known, *(0 for _ in range(count - len(known))))
        elif element.kind is TypeKind.POINTER:
            for number, value in enumerate(values):
                if isinstance(value, Pointer):
                    self.state.cells[place.object, (number,)] = value

    def _if(self, statement: IfStmt) -> None:
        truth = self.truth(statement.condition)
        if any(part is not None and _is_entered(part) for part in (statement.then, statement.otherwise)):
            truth = Truth("", "", Doubt(Code.GOTO, "a jump may lead here"))
        if truth.doubt is None and truth.when_true == "true":
            self.statement(statement.then)
            return
        if truth.doubt is None and truth.when_true == "false":
            if statement.otherwise is not None:
                self.statement(statement.otherwise)
            return
        recorder = self.recorder
        locks = list(recorder.locks) if recorder is not None else []
        start = self.state.copy()
        with self.branch(truth.when_true, truth.doubt), self.scope():
            self.statement(statement.then)
        then, then_locks = self.state, list(recorder.locks) if recorder is not None else []
        self.state = start
        if recorder is not None:
            recorder.locks = list(locks)
        if statement.otherwise is not None:
            with self.branch(truth.when_false, truth.doubt), self.scope():
                self.statement(statement.otherwise)
        if recorder is not None:
            if not then.is_dead and not self.state.is_dead:
                self.keep_common_locks(then_locks)
            elif self.state.is_dead:
                recorder.locks = then_locks
        doubt = truth.doubt
        objects = doubt.objects if doubt is not None else frozenset[MemoryObject]()
        self.state = self.join(truth.when_true if doubt is None else None, then, self.state, objects)

    def keep_common_locks(self, others: list[RawLock]) -> None:
        """Keep the locks that are held on another way to this point too."""
        recorder = self.recorder
        if recorder is None or recorder.locks == others:
            return
        recorder.signalling = recorder.signalling or "a lock is held on some ways through the code and not on others"
        recorder.locks = [lock for lock in recorder.locks if lock in others]

    def _switch(self, statement: SwitchStmt) -> None:
        value = self.evaluate(statement.condition)
        objects = value.objects if isinstance(value, Opaque) else frozenset[MemoryObject]()
        doubt = Doubt(Code.NON_AFFINE_CONDITION, "which case of the switch runs is not known", objects)
        start = self.state.copy()
        locks = list(self.recorder.locks) if self.recorder is not None else []
        with self.target("switch") as target, self.branch("", doubt), self.scope():
            self._forget_in_cases(statement.body, start)
            self._cases.append(start)
            self.state.is_dead = True
            self.statement(statement.body)
            self._cases.pop()
        self.state.is_dead = False
        for state in (start, *target.states):
            self.state = self.join(None, self.state, state)
        self.keep_common_locks(locks)

    _cases: list[State]

    def _begin_case(self) -> None:
        """Enter a case from the head of its switch, or from the case before."""
        start = self._cases[-1].copy() if self._cases else State()
        self.state = start if self.state.is_dead else self.join(None, self.state, start)

    def _forget_in_cases(self, body: Stmt, start: State) -> None:
        """Drop what some case changes, since any case may come first."""
        for part in all_expressions(body):
            for inner in walk_expression(part):
                if isinstance(inner, Name) and inner.declaration.key in self.frame.variables:
                    self.state.forget(self.frame.variables[inner.declaration.key])
                    start.forget(self.frame.variables[inner.declaration.key])

    def _return(self, value: Expression | None) -> None:
        result = self.evaluate(value) if value is not None else None
        frame = self.frame
        frame.returned.append((self.state.copy(), result))
        self.leave(self._jump_target(("function",)))

    def enter(self, frame: Frame, callee: FunctionSyntax, bound: list[tuple[Declaration, Abstract | None]]) -> Abstract:
        """Run a function's body in a frame of its own."""
        recorder = self.recorder
        statement = recorder.statement if recorder is not None else None
        self.frames.append(frame)
        try:
            for parameter, value in bound:
                object_ = self.declare(parameter)
                if value is not None and parameter.type.is_scalar:
                    self.state.cells[object_, ()] = value
                self.measure(parameter, object_)
                self._measure_pointee(parameter, value)
            with self.target("function"), self.scope():
                self.run(callee.body)
                return self._finish(frame, callee.result)
        finally:
            self.frames.pop()
            for object_ in frame.variables.values():
                if object_.key[0] == "local":
                    self.state.forget(object_)
            if recorder is not None:
                recorder.statement = statement

    def _measure_pointee(self, parameter: Declaration, value: Abstract | None) -> None:
        """Give the memory behind a parameter ``double a[][m]`` its extents, if it has none of its own."""
        for place in value.places if isinstance(value, Pointer) else ():
            known = self.extents.get(self.object_of(parameter).key)
            if known and place.object.key not in self.extents:
                self.extents[place.object.key] = known

    def _finish(self, frame: Frame, type_: CType) -> Abstract:
        """Put together the state and the value behind a call."""
        value: Abstract | None = None
        live = [(state, held) for state, held in frame.returned if not state.is_dead]
        if self.state.is_dead and live:
            self.state, value = live.pop()
        for state, held in reversed(live):
            if value is None:
                value = held
            elif held is not None and held != value:
                value = self._either(held, value, type_)
            self.state = self.join(None, state, self.state)
        return value if value is not None else NOTHING

    def _either(self, one: Abstract, other: Abstract, type_: CType) -> Abstract:
        if isinstance(one, Pointer) and isinstance(other, Pointer):
            return Pointer(tuple(dict.fromkeys((*one.places, *other.places))))
        if isinstance(one, Pointer) or isinstance(other, Pointer):
            return one if isinstance(one, Pointer) else other
        if self.recorder is None and type_.is_integer:
            return self.fresh("value", type_)
        objects = [each.objects for each in (one, other) if isinstance(each, Opaque)]
        return Opaque(frozenset[MemoryObject]().union(*objects))


def _shared_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many formulas two paths begin with in common."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in pairs)


def _is_entered(statement: Stmt) -> bool:
    """Return True if a jump may lead into a statement: it holds a label, or a case of a switch around it."""
    if isinstance(statement, CaseStmt) or (isinstance(statement, JumpStmt) and statement.body is not None):
        return True
    if isinstance(statement, SwitchStmt):
        return any(isinstance(part, JumpStmt) and part.body is not None for part in _inside(statement))
    return any(_is_entered(part) for part in sub_statements(statement))


def _inside(statement: Stmt) -> list[Stmt]:
    found: list[Stmt] = []
    for part in sub_statements(statement):
        found += [part, *_inside(part)]
    return found


def _is_simple(expression: Expression) -> bool:
    """Return True for a part of an lvalue that changes nothing."""
    return not isinstance(expression, Assignment | Increment | Call | UnknownExpression)
