"""OpenMP constructs in the symbolic run: who runs what, in which context."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

from loopwright.core.codes import Code
from loopwright.core.concurrency import ContextKind, WaitKind
from loopwright.frontend.affine import Poly, Value, conjunction, disjunction
from loopwright.frontend.openmp.atomics import atomic_target
from loopwright.frontend.openmp.directives import Directive, OpenMPStmt
from loopwright.frontend.openmp.memory import OUTSIDE, MemoryObject, Opaque, Pointer
from loopwright.frontend.openmp.recorder import RawLock, Recorder
from loopwright.frontend.openmp.sharing import Copy
from loopwright.frontend.openmp.tasks import TaskRunner, condition_of

_LOOPS = frozenset({"for", "distribute", "taskloop", "simd", "loop"})
_NO_EFFECT = frozenset({"taskyield", "flush", "target update", "target enter data", "target exit data", "error"})
_TRANSPARENT = frozenset({"assume", "target data"})

# What all threads of a team come to (OpenMP 5.2, 17.1): not from inside a critical section.
_WITH_ALL_THREADS = frozenset({"barrier", "for", "loop", "sections", "single", "scope"})
_CRITICAL = "critical"


class Constructs(TaskRunner):
    """Runs directives."""

    def directive(self, statement: OpenMPStmt) -> None:
        """Run a directive with what it governs."""
        directive = statement.directive
        if not directive.name or directive.unknown_clause is not None:
            what = f"the clause '{directive.unknown_clause}'" if directive.name else f"'{directive.text}'"
            self.not_understood(directive, f"{what} is not analysed")
            self.run_loosely(statement)
            return
        number = self.construct_of(directive)
        if number is not None:
            self.reached.add(number)
        saved, self.directive_extent = self.directive_extent, statement.extent
        for clause in directive.named("final", "grainsize", "num_tasks"):
            if clause.value is not None:
                self.evaluate(clause.value)
        try:
            self._run(directive.words, directive, statement)
        finally:
            self.directive_extent = saved

    def not_understood(self, directive: Directive, reason: str, code: Code = Code.UNKNOWN_CONSTRUCT) -> None:
        """Note that a directive may do more than is seen."""
        number = self.construct_of(directive)
        if number is not None:
            self.reached.add(number)
            if not self.is_scouting:
                self.unknown[number] = (code, reason)
        if self.recorder is not None:
            self.recorder.give_up(code, reason, directive.line)

    def _run(self, words: tuple[str, ...], directive: Directive, statement: OpenMPStmt) -> None:
        name = " ".join(words)
        head, rest = (words[0], words[1:]) if words else ("", ())
        if name == "flush" and self.recorder is not None:
            self.recorder.is_flushed = True
        if name in _NO_EFFECT:
            if directive.has("nowait"):
                self.not_understood(directive, "a target task that is not waited for is not analysed")
            return
        if name in _TRANSPARENT or not words:
            self.governed(statement)
            return
        if head in _WITH_ALL_THREADS and self.recorder is not None and _is_in_critical(self.recorder):
            self.not_understood(directive, f"'{head}' inside a critical section waits for threads that wait outside")
        match head:
            case "parallel":
                self._parallel(rest, directive, statement)
            case "teams":
                self._teams(rest, directive, statement)
            case "target":
                self._target(rest, directive, statement)
            case "task" | "taskgroup" | "taskwait":
                {"task": self.task, "taskgroup": self.taskgroup, "taskwait": self.taskwait}[head](directive, statement)
            case "barrier":
                self._barrier()
            case "critical":
                self._critical(directive, statement)
            case "atomic":
                self._atomic(directive, statement)
            case "ordered":
                self._ordered(directive, statement)
            case "master" | "masked" if not rest:
                self._masked(directive, statement)
            case "master" | "masked":
                self.masked(directive, lambda: self._run(rest, directive, statement))
            case "single":
                self.single(directive, statement)
            case "scope":
                self.scope_construct(directive, statement)
            case "sections":
                self.sections(directive, statement)
            case "distribute" if self.recorder is None and "parallel" in rest:
                self._run(rest, directive, statement)
            case _ if head in _LOOPS:
                self.work(words, directive, statement)
            case _:
                self.not_understood(directive, f"the directive '{directive.name}' is not analysed")
                self.run_loosely(statement)

    # Teams of threads, leagues of teams.

    def _parallel(self, rest: tuple[str, ...], directive: Directive, statement: OpenMPStmt) -> None:
        size, formula = self._team_size(directive)
        # Data clauses of a combined construct go to its innermost part that takes them.
        copies = self.copies(directive) if not _takes_data(rest) else []
        self._team(ContextKind.TEAM, size, formula, directive, copies, lambda: self._inside(rest, directive, statement))

    def _team_size(self, directive: Directive) -> tuple[Poly, str]:
        """Return the number of threads of a team, and what is known of it."""
        condition = condition_of(directive, "parallel")
        may_share = self.truth(condition).when_true if condition is not None else "true"
        limit = self._thread_limit(directive)
        size = self.facts.parameter("threads", "the number of threads", "{} >= 1")
        alone = f"{size} <= 1"
        several = {"true": "", "false": alone}.get(may_share, disjunction(alone, may_share))
        return size, conjunction(several, f"{size} <= {limit}" if limit is not None else "")

    def _thread_limit(self, directive: Directive) -> int | None:
        wanted = directive.value("num_threads")
        if wanted is None:
            return self.state.threads
        value = self.evaluate(wanted)
        return value.constant if isinstance(value, Value) else None

    def _teams(self, rest: tuple[str, ...], directive: Directive, statement: OpenMPStmt) -> None:
        wanted = directive.value("num_teams")
        value = self.evaluate(wanted) if wanted is not None else None
        limit = value.constant if isinstance(value, Value) else None
        size = self.facts.parameter("teams", "the number of teams", "{} >= 1")
        formula = f"{size} <= {limit}" if limit is not None else ""
        copies = self.copies(directive) if not _takes_data(rest) else []
        self._team(
            ContextKind.LEAGUE, size, formula, directive, copies, lambda: self._inside(rest, directive, statement)
        )

    def _inside(self, rest: tuple[str, ...], directive: Directive, statement: OpenMPStmt) -> None:
        if rest:
            self._run(rest, directive, statement)
        else:
            self.governed(statement)

    def _team(
        self,
        kind: ContextKind,
        size: Poly,
        limit: str,
        directive: Directive,
        copies: list[Copy],
        body: Callable[[], None],
    ) -> None:
        with self.facts.under(limit), self.region(directive) as recorder:
            number = self.facts.names.take("thread" if kind is ContextKind.TEAM else "team")
            formula = f"0 <= {number} < {size}"
            construct = self.construct_of(directive)
            with (
                self._locks_around_team(recorder),
                recorder.context(kind, (number,), formula, construct=construct) as context,
            ):
                self._enter_team(kind, number, size, context)
                saved, writer = set(self.unstable), recorder.writer
                # What a thread sets is for the teams that it makes itself; OMP_NUM_THREADS may name a number per level.
                threads, self.state.threads = self.state.threads, None
                recorder.writer = None
                try:
                    with self.with_copies(copies, context):
                        self._find_unstable(recorder, context, body)
                        if not self.is_scouting:
                            with self.scope():
                                body()
                    self.note_combinations(copies, self.directive_extent)
                    self.check_locks()
                finally:
                    recorder.writer = writer
                    self._leave_team(kind)
                    # What threads changed may be anything behind the region.
                    self.state.forget_all(self.unstable - saved)
                    self.unstable = saved
                    self.state.threads = threads

    def _enter_team(self, kind: ContextKind, number: str, size: Poly, context: int) -> None:
        if kind is ContextKind.TEAM:
            self.thread_numbers.append(Poly.symbol(number))
            self.team_sizes.append(size)
            self.team_frames.append(len(self.frames))
            self.team_contexts.append(context)
        else:
            self.league_numbers.append((Poly.symbol(number), size))
            self.thread_numbers.append(Poly.of(0))
            self.team_sizes.append(Poly.of(1))
            self.team_frames.append(len(self.frames))
            self.team_contexts.append(context)

    def _leave_team(self, kind: ContextKind) -> None:
        for stack in (self.thread_numbers, self.team_sizes, self.team_frames, self.team_contexts):
            stack.pop()
        if kind is ContextKind.LEAGUE:
            self.league_numbers.pop()

    def _find_unstable(self, recorder: Recorder, context: int, body: Callable[[], None]) -> None:
        """Run ahead to see what the threads change: its value is not known to any of them."""
        for _ in range(2):
            start, earlier = self.state.copy(), set(recorder.written)
            recorder.written = set()
            with self.scouting(), self.scope():
                body()
            self.state = start
            found = {each for each in recorder.written if each.owner < context}
            self.team_written = self.team_written | recorder.written
            self.team_writers = dict(recorder.writers)
            recorder.written |= earlier
            grew = found - self.unstable
            self.unstable |= found
            self.state.forget_all(found)
            if not grew or self.is_scouting:
                return

    # Waits, locks, blocks that some threads run.

    def _barrier(self) -> None:
        if self.recorder is not None:
            self.check_locks()
            self.recorder.wait(WaitKind.BARRIER)

    def _critical(self, directive: Directive, statement: OpenMPStmt) -> None:
        recorder = self.recorder
        if recorder is None:
            self.governed(statement)
            return
        lock = RawLock(f"{_CRITICAL} {directive.argument or ''}".strip())
        if lock in recorder.locks:
            self.not_understood(directive, "a critical section inside one of the same name waits for itself")
        recorder.locks.append(lock)
        self.governed(statement)
        if lock in recorder.locks:
            recorder.locks.remove(lock)

    def _atomic(self, directive: Directive, statement: OpenMPStmt) -> None:
        recorder = self.recorder
        if recorder is None:
            self.governed(statement)
            return
        target = atomic_target(directive, statement.body)
        places = self.silent_places(target) if target is not None else None
        if places is None or len(places) != 1:
            self.not_understood(directive, "what the atomic construct touches is not known")
            self.governed(statement)
            return
        recorder.atomic = places[0]
        is_released = any(directive.has(each) for each in ("seq_cst", "release", "acq_rel")) or recorder.is_flushed
        if not directive.has("read") and not is_released:
            recorder.relaxed.add(places[0].object)
        try:
            self.governed(statement)
        finally:
            recorder.atomic = None

    def _ordered(self, directive: Directive, statement: OpenMPStmt) -> None:
        recorder = self.recorder
        if recorder is None:
            self.governed(statement)
            return
        if directive.has("depend") or directive.has("doacross"):
            self.post(directive)
            return
        with recorder.context(ContextKind.ORDERED, construct=self.construct_of(directive)):
            self.governed(statement)

    def _masked(self, directive: Directive, statement: OpenMPStmt) -> None:
        self.masked(directive, lambda: self.governed(statement))

    def masked(self, directive: Directive, body: Callable[[], None]) -> None:
        """Run what only one thread of the team runs, the first if no other is named."""
        wanted = directive.value("filter")
        chosen = self.evaluate(wanted) if wanted is not None else Value.of(0)
        number = self.thread_number()
        if self.recorder is None or number is None:
            body()
            return
        text = self.facts.text(chosen.poly) if isinstance(chosen, Value) and chosen.poly is not None else None
        start = self.state.copy()
        formula = f"{number} = {text}" if text is not None else ""
        doubt = None if text is not None else self.doubt_of(chosen)
        with self.branch(formula, doubt), self.alone(id(directive)), self.scope():
            body()
        objects = chosen.objects if isinstance(chosen, Opaque) else frozenset[MemoryObject]()
        self.state = self.join(formula or None, self.state, start, objects)

    # Devices.

    def _target(self, rest: tuple[str, ...], directive: Directive, statement: OpenMPStmt) -> None:
        if rest[:1] == ("data",):
            self.governed(statement)
            return
        copies = self.copies(directive) if not _takes_data(rest) else []
        copies += self.target_copies(directive, statement.body)
        if self.recorder is None:
            if directive.has("nowait"):
                self.not_understood(directive, "a target task that is not waited for is not analysed")
            with self.with_copies(copies, OUTSIDE), self.own_number_of_threads():
                self._inside(rest, directive, statement)
            self.end_copies(copies)
            return
        kind = ContextKind.TASK if directive.has("nowait") else ContextKind.INCLUDED
        self.run_task(kind, directive, copies, lambda: self._inside(rest, directive, statement))

    @contextmanager
    def region(self, directive: Directive) -> Generator[Recorder]:
        """Record a region, or go on recording the one around."""
        if self.recorder is not None:
            yield self.recorder
            return
        construct = self.construct_of(directive)
        number = construct if construct is not None else OUTSIDE
        recorder = Recorder(number, self.facts, len(self.facts.path), tuple(self.facts.path))
        recorder.is_scouting = self.is_scouting
        self.recorder = recorder
        self._hide_own_memory()
        self.team_written = set()
        self.team_writers = {}
        try:
            yield recorder
        finally:
            self.recorder = None
            self.state.forget_all(recorder.written | recorder.combined)
            if not self.is_scouting:
                self.regions.append((recorder, self.frames[0].name))

    def _hide_own_memory(self) -> None:
        """Forget pointers to memory of which every thread has its own: here they lead to the first thread's."""
        for cell, held in list(self.state.cells.items()):
            if isinstance(held, Pointer) and any(place.object.is_private for place in held.places):
                del self.state.cells[cell]

    @contextmanager
    def _locks_around_team(self, recorder: Recorder) -> Generator[None]:
        """Run a team that is made next: its threads are under the locks that are held here, all as one holder."""
        saved = recorder.locks
        team = len(recorder.contexts)
        recorder.locks = [lock if lock.around != OUTSIDE else replace(lock, around=team) for lock in saved]
        try:
            yield
        finally:
            recorder.locks = saved

    def composite_team(self, directive: Directive, body: Callable[[Recorder], None]) -> None:
        """Run the parallel part of ``distribute parallel for``."""
        size, formula = self._team_size(directive)
        recorder = self.recorder
        assert recorder is not None
        self._team(ContextKind.TEAM, size, formula, directive, [], lambda: body(recorder))


def _is_in_critical(recorder: Recorder) -> bool:
    """Return True if a thread of the innermost team holds a critical section, alone."""
    return any(lock.name.partition(" ")[0] == _CRITICAL for lock in recorder.locks if lock.around == OUTSIDE)


def _takes_data(words: tuple[str, ...]) -> bool:
    """Return True if an inner part of a combined construct takes the clauses for variables."""
    return bool(set(words) & (_LOOPS | {"sections", "task", "parallel", "teams"}))
