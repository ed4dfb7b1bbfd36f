"""Loops in the symbolic run.

The body runs once for all iterations: what it changes is forgotten first. Outside regions a loop whose body holds
directives, and that only moves pointers and small numbers around, runs once per state that it can be in.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.concurrency import ContextKind
from loopwright.frontend.affine import Poly, Value, conjunction, disjunction
from loopwright.frontend.headers import Header, has_exit, read_header
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.effects import Summary, summarize
from loopwright.frontend.openmp.memory import OUTSIDE, Doubt, MemoryObject, Opaque, Place, Pointer, State
from loopwright.frontend.openmp.program import Program
from loopwright.frontend.openmp.statements import StatementRunner, Target
from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Call,
    Declaration,
    Expression,
    ForStmt,
    Increment,
    Name,
    Stmt,
    WhileStmt,
)
from loopwright.frontend.tree import all_expressions, strip_casts, walk_statements
from loopwright.frontend.types import TypeKind

_MOST_STATES = 4
_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Counted:
    """A loop that counts.

    Attributes:
        header: What its text says.
        first: Value of the iterator in the first iteration.
        place: The iterator.
    """

    header: Header
    first: Value
    place: Place


class LoopRunner(StatementRunner):
    """Runs loops."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._summaries: dict[Stmt, Summary | None] = {}
        self._uncounted: set[Stmt] = set()
        self._directive_answers: dict[Stmt, bool] = {}

    def loop(self, statement: ForStmt | WhileStmt) -> None:
        """Run a serial loop."""
        with self.scope():
            if isinstance(statement, ForStmt) and statement.init is not None:
                self.statement(statement.init)
            self.loop_depth += 1
            try:
                self._run_loop(statement)
            finally:
                self.loop_depth -= 1

    def _run_loop(self, statement: ForStmt | WhileStmt) -> None:
        counted = self.counted(statement)
        runs = self._states(statement, counted) if self._is_worth_unrolling(statement) else None
        if runs is None:
            self.settle_loop(statement, lambda: self._iterate(statement, counted, None))
            settled = self.state.copy()
            if not self._is_known_without_running(statement):
                self._iterate(statement, counted, None)
            self._leave_loop([settled, self.state], counted)
            return
        ends: list[State] = []
        for number, state in enumerate(runs):
            self.state = state.copy()
            self._iterate(statement, counted, number)
            ends.append(self.state)
        self._leave_loop([*runs, *ends], counted)

    def _leave_loop(self, states: list[State], counted: Counted | None) -> None:
        """Put together what is known behind a loop from the states at the beginning and the end of iterations."""
        self.state = states[0]
        for state in states[1:]:
            state.is_dead = False
            self.state = self.join(None, self.state, state)
        if counted is not None:
            self.state.forget(counted.place.object)

    def counted(self, statement: ForStmt | WhileStmt) -> Counted | None:
        """Return the loop as one that counts; None if it is not, or others may change its variable."""
        header = read_header(statement) if isinstance(statement, ForStmt) else None
        if not isinstance(header, Header) or not header.step:
            return None
        place = Place(self.object_of(header.iterator), (), header.iterator.type)
        if header.iterator.key in self.frame.references or not self.is_stable(place):
            return None
        first = self.state.cells.get((place.object, ()))
        if not isinstance(first, Value):
            if self.recorder is not None:
                return None
            first = self.fresh(header.iterator.name, header.iterator.type)
        return Counted(header, first, place)

    def _is_worth_unrolling(self, statement: Stmt) -> bool:
        """Return True outside regions for a loop in which a directive is met."""
        return self.recorder is None and not self._is_unrolling and self._leads_to_directives(statement)

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

    _is_unrolling = False

    def _states(self, statement: ForStmt | WhileStmt, counted: Counted | None) -> list[State] | None:
        """Return the states in which an iteration may begin, if they are few; None if they are not."""
        runs = [self.state.copy()]
        while len(runs) <= _MOST_STATES:
            self.state = runs[-1].copy()
            with self.scouting():
                self._is_unrolling = True
                try:
                    self._iterate(statement, counted, None)
                finally:
                    self._is_unrolling = False
            after = self.state
            if counted is not None:
                for state in (after, runs[-1]):
                    state.forget(counted.place.object)
            if after.is_dead:
                self.state = runs[0].copy()
                return runs
            changed = runs[-1].changed(after)
            if not all(_is_simple(state.cells.get(cell)) for cell in changed for state in (runs[-1], after)):
                break
            if any(
                not known.changed(after) and known.tables == after.tables and known.threads == after.threads
                for known in runs
            ):
                self.state = runs[0].copy()
                return runs
            runs.append(after)
        self.state = runs[0].copy()
        return None

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

    def _is_known_without_running(self, statement: Stmt) -> bool:
        """Return True if running a settled loop would show nothing more."""
        if self.recorder is None:
            return not self._leads_to_directives(statement)
        return self.is_scouting and self.is_summarized(statement)

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

    def _iterate(self, statement: ForStmt | WhileStmt, counted: Counted | None, number: int | None) -> None:
        """Run one iteration that stands for all (for those from ``number`` on, if given)."""
        if counted is not None and statement not in self._uncounted and self._count(statement, counted, number):
            return
        self._repeat(statement)

    def _count(self, statement: ForStmt | WhileStmt, counted: Counted, number: int | None) -> bool:
        """Run a counted loop; False if its body changes the iterator."""
        assert isinstance(statement, ForStmt)
        header, place = counted.header, counted.place
        step = header.step or 1
        symbol = self.iteration_symbol(header.iterator)
        text = str(symbol)
        first = self.first_formula(counted, text)
        formula = first or ""
        unknown = None if first is not None else Doubt(Code.NON_AFFINE_BOUND, "the first iteration is not known")
        if number:
            formula = conjunction(formula, self._later_formula(counted, text, number))
        start = self.state.copy()
        self.state.cells[place.object, ()] = Value.of(symbol)
        recorder = self.recorder
        context = (
            recorder.context(ContextKind.LOOP, (text,), formula, step=step)
            if recorder is not None
            else self.facts.under(formula)
        )
        with context, self.scope():
            truth_formula, doubt = self.bound(header, text)
            with self._under(truth_formula, unknown or doubt or self._exit_doubt(statement)), self.scope():
                self._body(statement)
                is_own = self.state.is_dead or self.state.cells.get((place.object, ())) == Value.of(symbol)
                if is_own and statement.increment is not None and not self.state.is_dead:
                    self.evaluate(statement.increment)
        if not is_own:
            self.state = start
            self._uncounted.add(statement)
        return is_own

    @contextmanager
    def _under(self, formula: str, doubt: Doubt | None) -> Generator[None]:
        """Run under a loop's bound, which is no branch of its own where it is certain."""
        recorder = self.recorder
        if recorder is None or doubt is None:
            with self.facts.under(formula):
                yield
            return
        with recorder.branch(formula, doubt):
            yield

    def _exit_doubt(self, statement: ForStmt | WhileStmt) -> Doubt | None:
        return Doubt(Code.EARLY_EXIT, "the loop may end early") if has_exit(statement) else None

    def iteration_symbol(self, iterator: Declaration) -> Poly:
        """Return the symbol of a loop's iterations: a dimension in a region, a parameter outside."""
        if self.recorder is not None:
            return Poly.symbol(self.facts.names.take(iterator.name))
        return self.facts.parameter(iterator.name, iterator.name)

    def first_formula(self, counted: Counted, text: str) -> str | None:
        """Return that an iterator is at or behind its first value, and a whole number of steps from it.

        None if the first value is not affine.
        """
        step = counted.header.step or 1
        relation = ">=" if step > 0 else "<="
        cases: list[str] = []
        for piece in counted.first.pieces:
            lower = self.facts.text(piece.poly)
            if lower is None:
                return None
            stride = f"({text} - ({lower})) mod {abs(step)} = 0" if abs(step) != 1 else ""
            cases.append(conjunction(piece.formula, f"{text} {relation} {lower}", stride))
        return disjunction(*cases)

    def _later_formula(self, counted: Counted, text: str, number: int) -> str:
        step = counted.header.step or 1
        lower = self.facts.text(counted.first.poly) if counted.first.poly is not None else None
        if lower is None:
            return ""
        relation = ">=" if step > 0 else "<="
        return f"{text} {relation} {lower} + {number * step}"

    def bound(self, header: Header, text: str) -> tuple[str, Doubt | None]:
        """Return the formula of a loop's condition, evaluated once."""
        plain = strip_casts(header.condition)
        if isinstance(plain, Binary) and plain.operator == "!=" and abs(header.step or 0) == 1:
            found = self._until_equal(plain, header, text)
            if found is not None:
                return found, None
        truth = self.truth(header.condition)
        if truth.doubt is None:
            return truth.when_true, None
        return truth.when_true, Doubt(
            Code.NON_AFFINE_BOUND, "how often the loop runs is not known", truth.doubt.objects
        )

    def _until_equal(self, plain: Binary, header: Header, text: str) -> str | None:
        """Return the bound of a loop that runs until its variable is equal to a value."""
        values = [self.evaluate(plain.left), self.evaluate(plain.right)]
        others = [value for value in values if isinstance(value, Value) and value != Value.of(Poly.symbol(text))]
        if len(others) != 1 or others[0].poly is None:
            return None
        upper = self.facts.text(others[0].poly)
        relation = "<" if (header.step or 1) > 0 else ">"
        return f"{text} {relation} {upper}" if upper is not None else None

    def _body(self, statement: ForStmt | WhileStmt) -> None:
        recorder = self.recorder
        locks = list(recorder.locks) if recorder is not None else []
        with self.target("loop") as target, self.scope():
            self.statement(statement.body)
        self._rejoin(target)
        if recorder is not None and not self.state.is_dead:
            self.keep_common_locks(locks)

    def _rejoin(self, target: Target) -> None:
        for state in target.states:
            live = State(state.cells, state.tables, state.threads)
            self.state = live if self.state.is_dead else self.join(None, self.state, live)

    def _repeat(self, statement: ForStmt | WhileStmt) -> None:
        """Run a loop whose iterations are not counted by a variable."""
        recorder = self.recorder
        if recorder is None:
            self._once(statement)
            return
        dimension = self.facts.names.take("w")
        with recorder.context(ContextKind.LOOP, (dimension,), f"{dimension} >= 0", step=1), self.scope():
            self._once(statement)

    def _once(self, statement: ForStmt | WhileStmt) -> None:
        condition: Expression | None = statement.condition
        is_do = isinstance(statement, WhileStmt) and statement.is_do
        doubt: Doubt | None = None
        formula = ""
        if condition is not None and not is_do:
            truth = self.truth(condition)
            formula, doubt = truth.when_true, truth.doubt
            self._note_waiting(statement, condition, doubt)
        exits = self._exit_doubt(statement)
        uncounted = Doubt(
            Code.UNCOUNTED_LOOP,
            "how often the loop runs is not known",
            doubt.objects if doubt is not None else frozenset[MemoryObject](),
        )
        is_endless = (condition is None or formula == "true") and not is_do
        with self._under(formula, (exits if is_endless else uncounted)), self.scope():
            self._body(statement)
            if isinstance(statement, ForStmt) and statement.increment is not None and not self.state.is_dead:
                self.evaluate(statement.increment)
            if is_do and condition is not None and not self.state.is_dead:
                truth = self.truth(condition)
                self._note_waiting(statement, condition, truth.doubt)

    def _note_waiting(self, statement: ForStmt | WhileStmt, condition: Expression, doubt: Doubt | None) -> None:
        """Note that a thread may spin here until another one lets it go.

        A loop that changes what it looks at without any lock does not wait, it only races.
        """
        recorder = self.recorder
        if recorder is None or doubt is None:
            return
        looked_at = {held for held in doubt.objects if held in self.unstable}
        changed = {
            self.object_of(each)
            for each in assigned_names(statement)
            if each.key in self.frame.variables or each.outlives_function
        }
        if looked_at and (not looked_at <= changed or _may_synchronize(statement)):
            line = self.line(statement.extent)
            recorder.awaited.update(dict.fromkeys(looked_at, line))
            recorder.signalling = recorder.signalling or f"the loop at line {line} may wait for another thread"


def assigned_names(*statements: Stmt) -> list[Declaration]:
    """Return the variables that statements assign by name."""
    found: dict[int, Declaration] = {}
    for statement in statements:
        for expression in all_expressions(statement):
            target = (
                expression.left
                if isinstance(expression, Assignment)
                else expression.operand
                if isinstance(expression, Increment)
                else None
            )
            inner = strip_casts(target) if target is not None else None
            if isinstance(inner, Name):
                found[inner.declaration.key] = inner.declaration
    return list(found.values())


def _may_synchronize(statement: Stmt) -> bool:
    return any(isinstance(part, OpenMPStmt) for part in walk_statements(statement)) or any(
        isinstance(part, Call) and (part.is_defined_by_user or part.name.startswith("omp_"))
        for part in all_expressions(statement)
    )


def _is_simple(value: object) -> bool:
    """Return True for a value that may take part in the few states of a loop."""
    if value is None or isinstance(value, Pointer):
        return True
    return isinstance(value, Value) and value.constant is not None and abs(value.constant) < _SMALL


_SMALL = 1 << 16
