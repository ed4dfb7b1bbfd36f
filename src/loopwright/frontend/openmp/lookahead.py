"""Looking ahead in the symbolic run: what a loop or a team changes is forgotten before it runs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from loopwright.core.codes import Code
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.effects import Summary, assigned_names, summarize
from loopwright.frontend.openmp.memory import OUTSIDE, MemoryObject, Opaque, Place, Pointer, State
from loopwright.frontend.openmp.program import Program
from loopwright.frontend.openmp.statements import StatementRunner
from loopwright.frontend.syntax import (
    Call,
    Declaration,
    Stmt,
)
from loopwright.frontend.tree import all_expressions, walk_statements
from loopwright.frontend.types import TypeKind

_MOST_ROUNDS = 4


class LookAhead(StatementRunner):
    """Runs statements without recording them, to see what they change."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._summaries: dict[Stmt, Summary | None] = {}
        self._directive_answers: dict[Stmt, bool] = {}

    def _leads_to_directives(self, statement: Stmt) -> bool:
        """Return True if a directive stands in a statement, or in a function that it calls."""
        if statement not in self._directive_answers:
            self._directive_answers[statement] = self._find_directives(statement)
        return self._directive_answers[statement]

    def _find_directives(self, statement: Stmt) -> bool:
        waiting: list[Stmt] = [statement]
        seen: set[int] = set()
        while waiting:
            current = waiting.pop()
            if any(isinstance(part, OpenMPStmt) for part in walk_statements(current)):
                return True
            for part in all_expressions(current):
                callee = self.program.function(part.target) if isinstance(part, Call) and part.target else None
                if callee is not None and callee.key not in seen:
                    seen.add(callee.key)
                    waiting.append(callee.body)
        return False

    @contextmanager
    def scouting(self) -> Generator[None]:
        """Run ahead to see what is changed; nothing is recorded."""
        saved = self.is_scouting
        self.is_scouting = True
        recorder = self.recorder
        flag = recorder.is_scouting if recorder is not None else False
        marks = (
            (len(recorder.contexts), len(recorder.waits), len(recorder.posts), len(recorder.opacities))
            if recorder is not None
            else (0, 0, 0, 0)
        )
        signalling = recorder.signalling if recorder is not None else ""
        locks = list(recorder.locks) if recorder is not None else []
        frames = [len(frame.returned) for frame in self.frames]
        targets = [len(target.states) for target in self.targets]
        escapes = list(self.escapes)
        if recorder is not None:
            recorder.is_scouting = True
        try:
            yield
        finally:
            self.is_scouting = saved
            self.escapes = escapes
            for frame, length in zip(self.frames, frames, strict=True):
                del frame.returned[length:]
            for target, length in zip(self.targets, targets, strict=True):
                del target.states[length:]
            if recorder is not None:
                recorder.is_scouting = flag
                recorder.signalling = signalling
                recorder.locks = locks
                del recorder.contexts[marks[0] :]
                del recorder.waits[marks[1] :]
                del recorder.posts[marks[2] :]
                del recorder.opacities[marks[3] :]

    is_scouting = False

    def settle_loop(self, statement: Stmt, iterate: Callable[[], None]) -> None:
        """Forget what an iteration changes, so that the state holds at the start of every one."""
        summary = self._summary(statement)
        if summary is not None:
            self._apply(summary)
            return
        if self.is_scouting:
            # Looking ahead inside a look ahead would double the work with every loop.
            self._forget_assigned(statement)
            return
        for _ in range(_MOST_ROUNDS):
            start = self.state.copy()
            with self.scouting():
                iterate()
            after, self.state = self.state, start
            after.is_dead = False
            if not self._forget_changed(after):
                return
        # No end in sight: nothing is known of what may be reached.
        self.state.cells.clear()
        self.state.tables.clear()

    def _forget_assigned(self, statement: Stmt) -> None:
        """Forget all that a statement, or a function that it calls, may change by name or through a pointer."""
        waiting, seen = [statement], set[int]()
        while waiting:
            current = waiting.pop()
            for declaration in assigned_names(current):
                if declaration.key in self.frame.variables or declaration.outlives_function:
                    self.state.forget(self.object_of(declaration))
            for part in all_expressions(current):
                callee = self.program.function(part.target) if isinstance(part, Call) and part.target else None
                if callee is not None and callee.key not in seen:
                    seen.add(callee.key)
                    waiting.append(callee.body)
        self.forget_exposed()
        for each in [cell[0] for cell in self.state.cells if cell[1]]:
            # Elements and members, which are assigned by subscript.
            self.state.forget(each)
        self.state.tables.clear()
        self.state.threads = None

    def _forget_changed(self, after: State) -> bool:
        """Forget the cells that hold something else in ``after``; True if there were any."""
        tables = [each for each in self.state.tables if after.tables.get(each) != self.state.tables[each]]
        for each in tables:
            del self.state.tables[each]
        grew = bool(tables)
        if self.state.threads != after.threads:
            self.state.threads = None
        for cell in self.state.changed(after):
            old, new = self.state.cells.get(cell), after.cells.get(cell)
            if self.recorder is None or cell[0].owner == OUTSIDE or isinstance(old, Pointer) or cell[1]:
                grew = grew or old is not None
                self.state.cells.pop(cell, None)
                continue
            objects = frozenset[MemoryObject]()
            for value in (old, new):
                objects |= value.objects if isinstance(value, Opaque) else frozenset[MemoryObject]()
            merged = Opaque(objects, Code.NON_AFFINE_SUBSCRIPT, "the value changes from iteration to iteration")
            grew = grew or old != merged
            self.state.cells[cell] = merged
        return grew

    def is_summarized(self, statement: Stmt) -> bool:
        """Return True if what a statement changes is known without running it."""
        return self._summary(statement) is not None

    def _summary(self, statement: Stmt) -> Summary | None:
        if statement not in self._summaries:
            self._summaries[statement] = summarize(statement)
        return self._summaries[statement]

    def _apply(self, summary: Summary) -> None:
        """Forget what a summary says is changed."""
        variables = self.frame.variables
        objects = frozenset[MemoryObject]()
        for declaration in summary.read:
            if declaration.key in variables or declaration.outlives_function:
                objects |= self._sources(declaration)
        for declaration in summary.written:
            held = self._targets(declaration)
            if held is None:
                self.forget_exposed()
            for each in held or ():
                self.state.forget(each)
                if each.may_overlap:
                    self.forget_overlapping(each)
                if self.recorder is not None:
                    self.recorder.note_write(each)
        for declaration in summary.assigned:
            if declaration.key not in variables and not declaration.outlives_function:
                continue
            object_ = self.object_of(declaration)
            self.state.forget(object_)
            if self.recorder is not None:
                self.recorder.note_write(object_)
                if object_.owner != OUTSIDE:
                    reason = "the value changes from iteration to iteration"
                    self.state.cells[object_, ()] = Opaque(objects, Code.NON_AFFINE_SUBSCRIPT, reason)

    def _targets(self, declaration: Declaration) -> tuple[MemoryObject, ...] | None:
        """Return the objects that are reached through a variable; None if they are not known."""
        object_ = self.object_of(declaration)
        if declaration.type.kind is not TypeKind.POINTER:
            return (object_,)
        held = self.peek(Place(object_, (), declaration.type))
        return tuple(place.object for place in held.places) if isinstance(held, Pointer) else None

    def _sources(self, declaration: Declaration) -> frozenset[MemoryObject]:
        """Return the memory on which what is read through a variable depends."""
        object_ = self.object_of(declaration)
        held = self.state.cells.get((object_, ()))
        if isinstance(held, Opaque):
            return held.objects
        if isinstance(held, Pointer):
            return frozenset(place.object for place in held.places)
        return frozenset({object_}) if object_.owner == OUTSIDE else frozenset()
