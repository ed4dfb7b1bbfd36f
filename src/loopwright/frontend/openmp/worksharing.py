"""Worksharing constructs, SIMD loops and tasks in the symbolic run."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.concurrency import ContextKind, WaitKind
from loopwright.frontend.affine import Poly, Value, conjunction
from loopwright.frontend.headers import Header, read_header
from loopwright.frontend.openmp.blocks import Blocks
from loopwright.frontend.openmp.directives import Clause, Directive, OpenMPStmt
from loopwright.frontend.openmp.effects import assigned_names
from loopwright.frontend.openmp.facts import names_in
from loopwright.frontend.openmp.memory import (
    OUTSIDE,
    Abstract,
    Doubt,
    MemoryObject,
    ObjectKind,
    Opaque,
    Place,
)
from loopwright.frontend.openmp.recorder import Recorder
from loopwright.frontend.openmp.schedule import schedule_of, static_chunk
from loopwright.frontend.openmp.sharing import Copy
from loopwright.frontend.syntax import Block, DeclareStmt, ForStmt, Name, NullStmt, Stmt
from loopwright.frontend.tree import strip_casts

_TEAMS = (ContextKind.TEAM, ContextKind.LEAGUE)


@dataclass(frozen=True, slots=True)
class Associated:
    """The loops of a worksharing construct.

    Attributes:
        loops: Outermost first.
        headers: Theirs; None where a loop does not count in a way that is understood.
        body: Of the innermost.
        leading: Declarations and the like between the loops.
    """

    loops: tuple[ForStmt, ...]
    headers: tuple[Header | None, ...]
    body: Stmt


class Worksharing(Blocks):
    """Runs worksharing constructs and tasks."""

    def work(self, words: tuple[str, ...], directive: Directive, statement: OpenMPStmt) -> None:
        """Run a construct whose iterations are shared out: among threads, teams, tasks or lanes."""
        associated = self._associated(directive, statement)
        if associated is None:
            self.not_understood(directive, "the loop behind the directive is not understood")
            self.run_loosely(statement)
            return
        if any(clause.argument == "thread" for clause in directive.named("bind")):
            self.not_understood(directive, "a loop that each thread runs whole is not analysed")
        copies = [copy for copy in self.copies(directive) if not _counts(copy, associated)]
        copies += [each for each in self._iterators(directive, associated) if each is not None]
        recorder = self.recorder
        head = words[0]
        if words == ("simd",) or (recorder is None and "simd" in words):
            with self.region(directive) as inner:
                self._loop_context(inner, ContextKind.SIMD, directive, associated, copies, ())
        elif recorder is None:
            self._serially(associated, copies)
        elif head == "taskloop":
            self.taskloop(directive, statement, associated, copies)
        elif "parallel" in words:
            self._composite(words, directive, associated, copies)
        else:
            self._shared_loop(recorder, words, directive, associated, copies)

    def taskloop(self, directive: Directive, statement: OpenMPStmt, associated: Associated, copies: list[Copy]) -> None:
        """Run a loop that is cut into tasks."""
        raise NotImplementedError

    def run_loosely(self, statement: OpenMPStmt) -> None:
        """Run what a directive governs that is not understood: no race is to follow from who runs it."""
        recorder = self.recorder
        context = recorder.context(ContextKind.SINGLE) if recorder is not None else nullcontext()
        with context, self.scope():
            for part in statement.body:
                self.statement(part)
        self.state.is_dead = False

    def _serially(self, associated: Associated, copies: list[Copy]) -> None:
        with self.with_copies(copies, OUTSIDE):
            self.loop(associated.loops[0])
        for copy in copies:
            if copy.is_combined or copy.is_last:
                self.state.forget(copy.original.object)

    def _shared_loop(
        self,
        recorder: Recorder,
        words: tuple[str, ...],
        directive: Directive,
        associated: Associated,
        copies: list[Copy],
    ) -> None:
        team = next(
            (each for each in reversed(recorder.chain(recorder.current)) if each.kind in _TEAMS),
            None,
        )
        is_distributed = words[0] == "distribute" or (team is not None and team.kind is ContextKind.LEAGUE)
        self._loop_context(recorder, ContextKind.WORK, directive, associated, copies, words, distributed=is_distributed)
        if not is_distributed and not directive.has("nowait"):
            self.check_locks()
            recorder.wait(WaitKind.BARRIER)

    def _composite(
        self, words: tuple[str, ...], directive: Directive, associated: Associated, copies: list[Copy]
    ) -> None:
        """Run ``distribute parallel for``: iterations are shared out among the threads of all teams."""
        self.composite_team(
            directive,
            lambda inner: self._loop_context(
                inner, ContextKind.WORK, directive, associated, copies, words, distributed=True
            ),
        )

    def composite_team(self, directive: Directive, body: Callable[[Recorder], None]) -> None:
        """Run the parallel part of a composite construct."""
        raise NotImplementedError

    def _associated(self, directive: Directive, statement: OpenMPStmt) -> Associated | None:
        count = max(self._number(directive, "collapse"), 1)
        wanted = max(count, self._number(directive, "ordered"))
        loops: list[ForStmt] = []
        current: Stmt | None = statement.body[0] if statement.body else None
        while len(loops) < wanted:
            found = _only_loop(current)
            if found is None:
                return None
            loops.append(found)
            current = found.body
        headers = [read_header(loop) for loop in loops]
        kept = tuple(header if isinstance(header, Header) else None for header in headers)
        return Associated(tuple(loops[:count]), kept, loops[count - 1].body)

    def _number(self, directive: Directive, name: str) -> int:
        expression = directive.value(name)
        value = self.evaluate(expression) if expression is not None else None
        number = value.constant if isinstance(value, Value) else None
        return number or 0

    def _iterators(self, directive: Directive, associated: Associated) -> list[Copy | None]:
        """Return the loop variables that are declared outside the loops: they are private."""
        found: list[Copy | None] = []
        for header in associated.headers:
            if header is None or header.declares:
                continue
            original = Place(self.object_of(header.iterator), (), header.iterator.type)
            last = directive.named("lastprivate", "linear")
            listed = any(
                isinstance(inner := strip_casts(item.expression), Name) and inner.declaration is header.iterator
                for clause in last
                for item in clause.items
            )
            clause = last[0] if listed else None
            found.append(Copy(header.iterator, original, clause, False, False, listed))
        return found

    def _loop_context(
        self,
        recorder: Recorder,
        kind: ContextKind,
        directive: Directive,
        associated: Associated,
        copies: list[Copy],
        words: tuple[str, ...],
        *,
        distributed: bool = False,
    ) -> None:
        """Run the iterations of an associated loop nest in a context of their own."""
        has_lanes = "simd" in words
        safelen = self._number(directive, "safelen") or None
        if "parallel" not in directive.words:
            self.note_initial_reads([copy for copy in copies if not copy.is_last])
        own = kind is not ContextKind.WORK or has_lanes
        # Copies of threads last from iteration to iteration; those of lanes do not.
        outside = recorder.current
        with self.with_copies(copies, outside), self.scope():
            self.run_once(associated.loops[0].init)
            dimensions, formula, doubt, values = self._dimensions(associated)
            step = associated.headers[0].step or 0 if associated.headers[0] is not None else 0
            construct = self.construct_of(directive)
            # The promise does not hold for loops of lanes, whose chunks may be rounded up.
            is_static = kind is ContextKind.WORK and not distributed and doubt is None and not has_lanes
            assignment = self._assignment(directive, dimensions, formula) if is_static else ""
            chunk, first = static_chunk(
                directive, self.first_values.get(dimensions[0]) if len(dimensions) == 1 else None
            )
            if chunk and not (is_static and step):
                chunk = 0

            def iterate() -> None:
                with (
                    recorder.context(
                        kind,
                        dimensions,
                        formula,
                        construct=construct,
                        step=step if len(dimensions) == 1 else 0,
                        has_lanes=has_lanes,
                        safelen=safelen,
                        is_distributed=distributed,
                        assignment=assignment,
                        chunk=chunk if kind is ContextKind.WORK else None,
                        first=first,
                    ) as context,
                    self.with_copies(copies if own else [], context),
                    self.scope(),
                ):
                    self._own_iterators(associated, context)
                    if kind is ContextKind.TASKLOOP:
                        # A task runs several iterations: its copies keep what an earlier one left in them.
                        self.settle_loop(associated.body, lambda: self._run_body(associated))
                    self._set_iterators(associated, values, copies, dimensions)
                    if doubt is not None:
                        recorder.enter_branch(doubt)
                    self._run_body(associated)

            self.settle_loop(associated.body, iterate)
            settled = self.state.copy()
            if not self.is_scouting or not self.is_summarized(associated.body):
                iterate()
            self.state.is_dead = False
            self.state = self.join(None, settled, self.state)
        for copy in copies:
            self.state.forget(copy.original.object)
        self.note_combinations(copies, self.directive_extent)

    def _assignment(self, directive: Directive, dimensions: tuple[str, ...], formula: str) -> str:
        """Return a text that is the same for loops whose iterations a static schedule shares out in the same way."""
        _, chunk = schedule_of(directive)
        if chunk and not chunk.isdecimal():
            return ""
        if any(not self.facts.is_parameter(name) for name in names_in(formula) - set(dimensions)):
            return ""
        for number, name in enumerate(dimensions):
            formula = re.sub(rf"\b{re.escape(name)}\b", f"#{number}", formula)
        return f"{chunk}|{formula}"

    def _run_body(self, associated: Associated) -> None:
        recorder = self.recorder
        locks = list(recorder.locks) if recorder is not None else []
        with self.target("loop") as target, self.scope():
            self.statement(associated.body)
        for state in target.states:
            self.state = state if self.state.is_dead else self.join(None, self.state, state)
        self.keep_common_locks(locks)

    def run_once(self, init: Stmt | None) -> None:
        """Run the first part of a loop header for what it reads; it sets a private variable."""
        for declaration in init.declarations if isinstance(init, DeclareStmt) else ():
            self.unstable.discard(self.object_of(declaration))
        if init is not None:
            self.statement(init)

    def _dimensions(self, associated: Associated) -> tuple[tuple[str, ...], str, Doubt | None, list[Abstract]]:
        """Return the dimensions of the shared iterations, their formula, a doubt about it, the iterators' values."""
        names: list[str] = []
        formulas: list[str] = []
        doubt: Doubt | None = None
        values: list[Abstract] = []
        with self.scope():
            for position, loop in enumerate(associated.loops):
                if position:
                    self.run_once(loop.init)
                counted = self.counted(loop)
                if counted is None:
                    name = self.facts.names.take("iteration")
                    formulas.append(f"{name} >= 0")
                    doubt = doubt or Doubt(Code.UNCOUNTED_LOOP, "how often the loop runs is not known")
                    values.append(Opaque())
                    names.append(name)
                    continue
                name = str(self.facts.names.take(counted.header.iterator.name))
                if counted.first.poly is not None:
                    self.first_values[name] = counted.first.poly
                formula = self.first_formula(counted, name)
                if formula is None:
                    formula = ""
                    doubt = doubt or Doubt(Code.NON_AFFINE_BOUND, "the first iteration is not known")
                self.state.cells[counted.place.object, ()] = Value.of(Poly.symbol(name))
                self.facts.path.append(formula)
                bound, why = self.bound(counted.header, name)
                self.facts.path.append(bound)
                doubt = doubt or why
                formulas.append(conjunction(formula, bound))
                values.append(Value.of(Poly.symbol(name)))
                names.append(name)
        return tuple(names), conjunction(*formulas), doubt, values

    def _own_iterators(self, associated: Associated, context: int) -> None:
        """Give every iteration its own loop variables, where the loops declare them."""
        for header in associated.headers:
            if header is not None and header.declares:
                key = ("iterator", header.iterator.key, self.frame.path, context)
                own = MemoryObject(key, header.iterator.name, ObjectKind.VARIABLE, context)
                self.frame.variables[header.iterator.key] = own
                self.unstable.discard(own)

    def _set_iterators(
        self, associated: Associated, values: list[Abstract], copies: list[Copy], dimensions: tuple[str, ...]
    ) -> None:
        for loop, header, value in zip(associated.loops, associated.headers, values, strict=False):
            if header is not None:
                self.state.cells[self.object_of(header.iterator), ()] = value
                continue
            for declaration in assigned_names(loop):
                if declaration.key in self.frame.variables or declaration.outlives_function:
                    self.state.forget(self.object_of(declaration))
        iteration = self._iteration(associated, values, dimensions)
        for copy in copies:
            self.linear_value(copy, iteration)

    def _iteration(self, associated: Associated, values: list[Abstract], dimensions: tuple[str, ...]) -> Poly | None:
        """Return the number of an iteration of a single loop of step 1 or -1, from 0."""
        header = associated.headers[0]
        if len(dimensions) != 1 or header is None or abs(header.step or 0) != 1:
            return None
        first = self.first_values.get(dimensions[0])
        if first is None:
            return None
        symbol = Poly.symbol(dimensions[0])
        return symbol - first if (header.step or 1) > 0 else first - symbol

    first_values: dict[str, Poly]

    def thread_number(self) -> Poly | None:
        """Return the number of the thread that runs; None where it is not known or there is only one."""
        return self.thread_numbers[-1] if self.thread_numbers else None

    def post(self, directive: Directive) -> None:
        """Note a point of a doacross loop."""
        recorder = self.recorder
        assert recorder is not None
        for clause in directive.named("depend", "doacross"):
            if clause.modifier.startswith("source") or (clause.argument or "").strip().startswith("source"):
                recorder.post(None)
            elif clause.modifier.startswith("sink"):
                distance = self._distance(clause)
                if distance is None:
                    self.not_understood(directive, "the iteration that is waited for is not known")
                else:
                    recorder.post(distance)

    def _distance(self, clause: Clause) -> tuple[int, ...] | None:
        recorder = self.recorder
        assert recorder is not None
        chain = recorder.chain(recorder.current)
        starts = [position for position, each in enumerate(chain) if each.kind is ContextKind.WORK]
        if not starts:
            return None
        dimensions = [name for each in chain[starts[-1] :] for name in each.dimensions]
        found: list[int] = []
        for name, item in zip(dimensions, clause.items, strict=False):
            value = self.evaluate(item.expression)
            poly = value.poly if isinstance(value, Value) else None
            offset = (poly - Poly.symbol(name)).constant if poly is not None else None
            if offset is None:
                return None
            found.append(offset)
        return tuple(found) if len(found) == len(clause.items) else None

    def doubt_of(self, value: Abstract) -> Doubt:
        """Return why a value is not known."""
        if isinstance(value, Opaque):
            return value.doubt()
        return Doubt(Code.NON_AFFINE_CONDITION, "whether the condition holds is not known")


def _counts(copy: Copy, associated: Associated) -> bool:
    """Return True for a copy of a loop variable, which is private anyway."""
    return any(header is not None and header.iterator is copy.declaration for header in associated.headers)


def _only_loop(statement: Stmt | None) -> ForStmt | None:
    """Return the loop that a statement is, or that it holds beside nothing else."""
    if isinstance(statement, ForStmt):
        return statement
    if isinstance(statement, Block):
        parts = [part for part in statement.body if not isinstance(part, NullStmt)]
        if len(parts) == 1:
            return _only_loop(parts[0])
    return None
