"""Statements of C in the symbolic run: blocks, branches, jumps, functions' bodies."""

from __future__ import annotations

from collections.abc import Callable

from loopwright.core.codes import Code
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.jumps import OutOfTime
from loopwright.frontend.openmp.machine import Frame, Truth
from loopwright.frontend.openmp.memory import (
    NOTHING,
    VARYING,
    Abstract,
    Doubt,
    MemoryObject,
    Opaque,
    Place,
    Pointer,
    State,
)
from loopwright.frontend.openmp.recorder import RawLock
from loopwright.frontend.openmp.variables import Declarer
from loopwright.frontend.syntax import (
    Assignment,
    Block,
    BreakStmt,
    Call,
    CaseStmt,
    ContinueStmt,
    Declaration,
    DeclareStmt,
    Expression,
    ExpressionStmt,
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
from loopwright.frontend.types import CType
from loopwright.frontend.updates import find_update


class StatementRunner(Declarer):
    """Runs statements."""

    is_over: Callable[[], bool]

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
                    self.declare_variable(declaration)
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
        if self.varies(value):
            objects |= VARYING.objects
        doubt = Doubt(Code.NON_AFFINE_CONDITION, "which case of the switch runs is not known", objects)
        start = self.state.copy()
        locks = list(self.recorder.locks) if self.recorder is not None else []
        with self.target("switch") as target, self.branch("", doubt), self.scope():
            self._forget_in_cases(statement.body, start)
            self._cases.append((start, []))
            self.state.is_dead = True
            self.statement(statement.body)
            self._cases.pop()
        self.state.is_dead = False
        for state in (start, *target.states):
            self.state = self.join(None, self.state, state)
        self.keep_common_locks(locks)

    # Of each switch that runs: the state at its head, and the branch of the case that runs.
    _cases: list[tuple[State, list[int]]]

    def _begin_case(self) -> None:
        """Enter a case from the head of its switch, or from the case before."""
        head, branches = self._cases[-1] if self._cases else (State(), [])
        start = head.copy()
        self.state = start if self.state.is_dead else self.join(None, self.state, start)
        if self.recorder is not None:
            branches[:] = [self.recorder.change_branch(branches[0] if branches else None)]

    def _forget_in_cases(self, body: Stmt, start: State) -> None:
        """Drop what some case changes, since any case may come first."""
        for part in all_expressions(body):
            for inner in walk_expression(part):
                if isinstance(inner, Name) and inner.declaration.key in self.frame.variables:
                    self.state.forget(self.frame.variables[inner.declaration.key])
                    start.forget(self.frame.variables[inner.declaration.key])

    def _return(self, value: Expression | None) -> None:
        frame = self.frame
        result: Abstract | None = None
        if value is not None and self.gives_place(frame.function):
            places = self.places(value)
            result = Pointer(places) if places is not None else NOTHING
        elif value is not None:
            result = self.evaluate(value)
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
