"""Sections, and blocks that one thread or every thread runs once, in the symbolic run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from loopwright.core.codes import Code
from loopwright.core.concurrency import ContextKind, WaitKind
from loopwright.frontend.openmp.directives import Directive, OpenMPStmt
from loopwright.frontend.openmp.memory import (
    OUTSIDE,
    MemoryObject,
    Opaque,
    State,
)
from loopwright.frontend.openmp.recorder import RawLock, Recorder
from loopwright.frontend.openmp.sharing import Sharing
from loopwright.frontend.syntax import (
    Block,
    NullStmt,
    Stmt,
)


class Blocks(Sharing):
    """Runs the blocks of a team."""

    regions: list[tuple[Recorder, str]]
    unknown: dict[int, tuple[Code, str]]
    reached: set[int]
    team_written: set[MemoryObject]
    team_writers: dict[MemoryObject, set[object]]

    def construct_of(self, directive: Directive) -> int | None:
        """Return the number of a directive of the file."""
        raise NotImplementedError

    def region(self, directive: Directive) -> AbstractContextManager[Recorder]:
        """Record a region, or go on recording the one around."""
        raise NotImplementedError

    def sections(self, directive: Directive, statement: OpenMPStmt) -> None:
        """Run a sections construct."""
        recorder = self.recorder
        body = statement.body[0] if statement.body else None
        parts = body.body if isinstance(body, Block) else statement.body
        copies = self.copies(directive)
        blocks = _sections(parts)
        for part in parts:
            number = self.construct_of(part.directive) if isinstance(part, OpenMPStmt) else None
            if number is not None:
                self.reached.add(number)
        if recorder is None:
            with self.with_copies(copies, OUTSIDE):
                for block in blocks:
                    self.sequence(block)
            return
        if not directive.name.startswith("parallel"):
            self.note_initial_reads([copy for copy in copies if not copy.is_last])
        construct = self.construct_of(directive)
        with self.with_copies(copies, recorder.current), recorder.context(ContextKind.SECTIONS, construct=construct):
            # A thread may run several blocks: what one of them leaves in the thread's variables the next may find.
            if body is not None:
                self.settle_loop(body, lambda: self._run_sections(directive, blocks))
            self._run_sections(directive, blocks)
        self.note_combinations(copies, self.directive_extent)
        if not directive.has("nowait"):
            self.check_locks()
            recorder.wait(WaitKind.BARRIER)

    def _run_sections(self, directive: Directive, blocks: list[tuple[Stmt, ...]]) -> None:
        """Run each block from the current state; behind them any of them may have been the last, or none."""
        recorder = self.recorder
        assert recorder is not None
        start, states = self.state, list[State]()
        for block in blocks:
            self.state = start.copy()
            locks = list(recorder.locks)
            with (
                recorder.context(ContextKind.SECTION, construct=self.construct_of(directive)),
                self.alone((id(directive), len(states))),
            ):
                self.sequence(block)
            self.keep_common_locks(locks)
            states.append(self.state)
        self.state = start
        for state in states:
            state.is_dead = False
            self.state = self.join(None, self.state, state)

    def single(self, directive: Directive, statement: OpenMPStmt) -> None:
        """Run a block that one thread runs."""
        recorder = self.recorder
        copies = self.copies(directive)
        if recorder is None:
            with self.with_copies(copies, OUTSIDE):
                for part in statement.body:
                    self.statement(part)
            return
        self.note_initial_reads(copies)
        start = self.state.copy()
        with (
            recorder.context(ContextKind.SINGLE, construct=self.construct_of(directive)) as context,
            self.with_copies(copies, context),
            self.alone(id(directive)),
            self.scope(),
        ):
            for part in statement.body:
                self.statement(part)
        self.state.is_dead = False
        # The other threads' own variables are as they were.
        self.state = self.join(None, self.state, start)
        for clause in directive.named("copyprivate"):
            for item in clause.items:
                places = self.silent_places(item.expression)
                for place in places or ():
                    self.state.forget(place.object)
        if not directive.has("nowait"):
            self.check_locks()
            recorder.wait(WaitKind.BARRIER)

    def scope_construct(self, directive: Directive, statement: OpenMPStmt) -> None:
        """Run a block that all threads run, with variables of their own."""
        recorder = self.recorder
        copies = self.copies(directive)
        self.note_initial_reads(copies)
        with self.with_copies(copies, recorder.current if recorder is not None else OUTSIDE):
            for part in statement.body:
                self.statement(part)
        self.note_combinations(copies, self.directive_extent)
        if recorder is not None and not directive.has("nowait"):
            recorder.wait(WaitKind.BARRIER)

    @contextmanager
    def alone(self, block: object) -> Generator[None]:
        """Run a block that one thread runs: what only it writes is known to it."""
        recorder = self.recorder
        if recorder is None:
            yield
            return
        saved, recorder.writer = recorder.writer, block
        own = {each for each in self.unstable if self.team_writers.get(each) == {block}}
        self.unstable -= own
        for each in own:
            self.state.cells[each, ()] = Opaque(frozenset({each}))
        try:
            yield
        finally:
            recorder.writer = saved
            self.unstable |= own
            self.state.forget_all(own)

    def check_locks(self, allowed: list[RawLock] | None = None) -> None:
        """Note where a lock is kept beyond the place that it protects: it may order threads in other ways."""
        recorder = self.recorder
        if recorder is None:
            return
        held = [lock for lock in recorder.locks if lock.name == "lock" and lock not in (allowed or [])]
        if held:
            recorder.signalling = recorder.signalling or "a lock is held across a barrier or the end of a task"


def _sections(parts: tuple[Stmt, ...]) -> list[tuple[Stmt, ...]]:
    """Return the blocks of a sections construct; the first needs no directive."""
    blocks: list[list[Stmt]] = []
    for part in parts:
        if isinstance(part, OpenMPStmt) and part.directive.name == "section":
            blocks.append(list(part.body))
        elif blocks:
            blocks[-1].append(part)
        elif not isinstance(part, NullStmt):
            blocks.append([part])
    return [tuple(block) for block in blocks]
