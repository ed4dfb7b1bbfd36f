"""Loops in the symbolic run.

The body runs once for all iterations: what it changes is forgotten first. Outside regions a loop whose body holds
directives, and that only moves pointers and small numbers around, runs once per state that it can be in.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.concurrency import ContextKind
from loopwright.frontend.affine import Poly, Value, conjunction, disjunction
from loopwright.frontend.headers import Header, has_exit, read_header
from loopwright.frontend.openmp.directives import OpenMPStmt
from loopwright.frontend.openmp.effects import assigned_names
from loopwright.frontend.openmp.jumps import Target
from loopwright.frontend.openmp.lookahead import LookAhead
from loopwright.frontend.openmp.memory import Doubt, MemoryObject, Place, Pointer, State
from loopwright.frontend.openmp.program import Program
from loopwright.frontend.syntax import (
    Binary,
    Call,
    Declaration,
    Expression,
    ForStmt,
    Stmt,
    WhileStmt,
)
from loopwright.frontend.tree import all_expressions, strip_casts, walk_statements

_MOST_STATES = 4


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


class LoopRunner(LookAhead):
    """Runs loops."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._uncounted: set[Stmt] = set()

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

    def _is_known_without_running(self, statement: Stmt) -> bool:
        """Return True if running a settled loop would show nothing more."""
        if self.recorder is None:
            return not self._leads_to_directives(statement)
        return self.is_scouting and self.is_summarized(statement)

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
