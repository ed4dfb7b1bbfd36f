"""Tasks in the symbolic run: what they copy, when they run, who waits for them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from loopwright.core.concurrency import ContextKind, WaitKind
from loopwright.frontend.openmp.directives import Directive, OpenMPStmt
from loopwright.frontend.openmp.effects import assigned_names
from loopwright.frontend.openmp.memory import (
    OUTSIDE,
)
from loopwright.frontend.openmp.sharing import Copy
from loopwright.frontend.openmp.worksharing import Associated, Worksharing
from loopwright.frontend.syntax import (
    Expression,
)


class TaskRunner(Worksharing):
    """Runs tasks."""

    def governed(self, statement: OpenMPStmt) -> None:
        """Run what a directive governs."""
        for part in statement.body:
            self.statement(part)

    def run_task(self, kind: ContextKind, directive: Directive, copies: list[Copy], body: Callable[[], None]) -> None:
        """Run a task, at once or whenever a thread has time."""
        recorder = self.recorder
        assert recorder is not None
        depends = self.depends(directive)
        if kind is ContextKind.INCLUDED and depends:
            recorder.wait(WaitKind.TASKWAIT, depends)
        self.note_initial_reads(copies)
        copies = self.captured(copies)
        start, locks = self.state.copy(), recorder.locks
        earlier, recorder.written = recorder.written, set()
        unstable = set(self.unstable)
        writer = recorder.writer
        if kind is ContextKind.TASK:
            recorder.locks = []
            recorder.writer = None
        with recorder.context(kind, construct=self.construct_of(directive), depends=depends) as context:
            if kind is ContextKind.TASK:
                # By the time the task runs, what it shares with its maker may have changed.
                self.unstable |= {each for each in self.team_written if each.owner < context}
                self.thread_numbers.append(None)
            try:
                with self.with_copies(copies, context), self.own_number_of_threads(), self.scope():
                    body()
                    self.check_locks(allowed=locks if kind is ContextKind.INCLUDED else [])
            finally:
                if kind is ContextKind.TASK:
                    self.thread_numbers.pop()
                written = {each for each in recorder.written if each.owner < context}
        recorder.locks, recorder.writer = locks, writer
        recorder.written |= earlier
        self.unstable = unstable
        self.state.is_dead = False
        if kind is ContextKind.TASK:
            self.state = start
            self.unstable |= written
            self.state.forget_all(written)
        for copy in copies:
            if copy.is_combined or copy.is_last:
                self.state.forget(copy.original.object)

    @contextmanager
    def own_number_of_threads(self) -> Generator[None]:
        """Run a task: what it gives ``omp_set_num_threads`` is not for its maker (OpenMP 5.2, 2.3)."""
        threads, self.state.threads = self.state.threads, None
        try:
            yield
        finally:
            self.state.threads = threads

    def taskloop(self, directive: Directive, statement: OpenMPStmt, associated: Associated, copies: list[Copy]) -> None:
        """Run a loop that is cut into tasks."""
        recorder = self.recorder
        assert recorder is not None
        known = {copy.declaration.key for copy in copies}
        implicit = [copy for copy in self.task_copies(directive, statement.body) if copy.declaration.key not in known]
        everything = self.captured([*copies, *implicit])

        def loop() -> None:
            locks, recorder.locks = recorder.locks, []
            writer, recorder.writer = recorder.writer, None
            self.thread_numbers.append(None)
            unstable = set(self.unstable)
            self.unstable |= {each for each in self.team_written if each.owner <= recorder.current}
            try:
                self._loop_context(recorder, ContextKind.TASKLOOP, directive, associated, everything, ())
            finally:
                self.unstable = unstable
                self.thread_numbers.pop()
                recorder.locks, recorder.writer = locks, writer

        if directive.has("nogroup"):
            loop()
            return
        with recorder.context(ContextKind.TASKGROUP, construct=self.construct_of(directive)):
            loop()

    def task(self, directive: Directive, statement: OpenMPStmt) -> None:
        """Run an explicit task."""
        copies = self.copies(directive) + self.task_copies(directive, statement.body)
        recorder = self.recorder
        if directive.has("mergeable"):
            self._check_merging(directive, copies, statement)
        if directive.has("detach"):
            self.not_understood(directive, "a task that is detached is not analysed")
        self._check_counters(directive, copies, statement)
        if recorder is None:
            # Outside regions one thread runs everything.
            with self.with_copies(copies, OUTSIDE), self.own_number_of_threads():
                self.governed(statement)
            self.end_copies(copies)
            return
        condition = condition_of(directive, "task")
        truth = self.truth(condition) if condition is not None else None
        is_included = truth is not None and truth.doubt is None and truth.when_true == "false"
        self.run_task(
            ContextKind.INCLUDED if is_included else ContextKind.TASK,
            directive,
            copies,
            lambda: self.governed(statement),
        )

    def _check_counters(self, directive: Directive, copies: list[Copy], statement: OpenMPStmt) -> None:
        """Give up on a task that shares the counter of a shared loop, which its thread changes as it goes on."""
        own = {copy.declaration.key for copy in copies}
        for declaration in self.used_inside(statement.body):
            if declaration.key not in own and self.object_of(declaration).key[0] == "iterator":
                reason = f"a task shares the counter '{declaration.name}' of a loop whose iterations are shared out"
                self.not_understood(directive, reason)
                return

    def _check_merging(self, directive: Directive, copies: list[Copy], statement: OpenMPStmt) -> None:
        written = {declaration.key for declaration in assigned_names(*statement.body)}
        for copy in copies:
            if copy.declaration.key in written:
                name = copy.declaration.name
                self.not_understood(
                    directive,
                    f"a mergeable task changes '{name}', its own copy or the original as the implementation chooses",
                )
                return

    def end_copies(self, copies: list[Copy]) -> None:
        """Forget the originals that copies were written back to."""
        for copy in copies:
            if copy.is_combined or copy.is_last:
                self.state.forget(copy.original.object)

    def taskgroup(self, directive: Directive, statement: OpenMPStmt) -> None:
        """Run a block at whose end all tasks made in it are complete."""
        recorder = self.recorder
        copies = self.copies(directive, ("task_reduction",))
        if recorder is None:
            self.governed(statement)
            return
        with recorder.context(ContextKind.TASKGROUP, construct=self.construct_of(directive)):
            self.governed(statement)
            self.note_combinations(copies, self.directive_extent)

    def taskwait(self, directive: Directive, _statement: OpenMPStmt) -> None:
        """Wait for the child tasks."""
        if directive.has("nowait"):
            self.not_understood(directive, "taskwait with nowait is not analysed")
            return
        if self.recorder is not None:
            self.recorder.wait(WaitKind.TASKWAIT, self.depends(directive))


def condition_of(directive: Directive, construct: str) -> Expression | None:
    """Return the condition of the ``if`` clause that applies to one part of a combined construct."""
    suited = (clause for clause in directive.named("if") if clause.modifier in ("", construct))
    return next((clause.value for clause in suited), None)
