"""May the value of a variable be read after a loop, or before the loop sets it; conservative."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.frontend.syntax import (
    Assignment,
    Binary,
    Block,
    BreakStmt,
    CaseStmt,
    Cast,
    Conditional,
    ContinueStmt,
    DeclareStmt,
    DirectiveStmt,
    Expression,
    ExpressionStmt,
    ForStmt,
    FunctionSyntax,
    IfStmt,
    JumpStmt,
    Name,
    NullStmt,
    ReturnStmt,
    Stmt,
    SwitchStmt,
    UnknownStmt,
    WhileStmt,
)
from loopwright.frontend.tree import (
    own_expressions,
    strip_casts,
    sub_expressions,
    sub_statements,
    walk_expression,
    walk_statements,
)


@dataclass(frozen=True, slots=True)
class Flow:
    """What code may do first with a variable: read it, pass it on unchanged, or leave the straight path with it."""

    reads: bool
    passes: bool
    jumps: bool = False

    def then(self, other: Flow) -> Flow:
        """Return the flow of this code followed by other code."""
        if not self.passes:
            return self
        return Flow(self.reads or other.reads, other.passes, self.jumps or other.jumps)

    def or_else(self, other: Flow) -> Flow:
        """Return the flow of either this code or the other."""
        return Flow(self.reads or other.reads, self.passes or other.passes, self.jumps or other.jumps)


_PASSES = Flow(False, True)
_KILLS = Flow(False, False)
_READS = Flow(True, True)


class Liveness:
    """Answers for one function."""

    def __init__(self, function: FunctionSyntax) -> None:
        self._outer: dict[Stmt, Stmt] = {}
        self._place: dict[Stmt, int] = {}
        self._flows: dict[tuple[Stmt, int], Flow] = {}
        self._rests: dict[tuple[Stmt, int], list[Flow]] = {}
        self._has_jumps = False
        for statement in walk_statements(function.body):
            self._has_jumps |= isinstance(statement, JumpStmt | UnknownStmt | DirectiveStmt)
            for place, part in enumerate(sub_statements(statement)):
                self._outer[part] = statement
                self._place[part] = place

    def is_live_out(self, key: int, root: Stmt) -> bool:
        """Return True if the variable may be read behind ``root`` before it is set anew."""
        if self._has_jumps:
            return True
        chain = [root]
        while chain[-1] in self._outer:
            chain.append(self._outer[chain[-1]])
        after = jump = _KILLS
        for inner, outer in zip(reversed(chain[:-1]), reversed(chain[1:]), strict=True):
            after = self._behind(outer, inner, key, after, jump)
            if isinstance(outer, ForStmt | WhileStmt):
                jump = after
            elif isinstance(outer, SwitchStmt):
                jump = jump.or_else(after)
        return after.reads

    def is_read_first(self, key: int, root: Stmt) -> bool:
        """Return True if ``root`` may read the variable's value from before it."""
        return self._has_jumps or self.statement(root, key).reads

    def may_keep(self, key: int, root: Stmt) -> bool:
        """Return True if the value from before ``root`` may still be there behind it."""
        return self._has_jumps or self.statement(root, key).passes

    def _behind(self, outer: Stmt, inner: Stmt, key: int, after: Flow, jump: Flow) -> Flow:
        """Return the flow from the end of ``inner``, which lies directly in ``outer``.

        ``after`` follows ``outer``; ``jump`` follows a ``break`` or ``continue`` there.
        """
        match outer:
            case Block():
                rest = self._rest(outer, key)[self._place[inner] + 1]
                return rest.then(after).or_else(jump) if rest.jumps else rest.then(after)
            case ForStmt(init=init, condition=condition, increment=increment, body=body):
                if inner is init:
                    return _READS
                again = self._optional(increment, key).then(self._optional(condition, key))
                around = self._loop_flow(again.then(self.statement(body, key)))
                return again.then(around).then(after).or_else(after)
            case WhileStmt(condition=condition, body=body):
                again = self.expression(condition, key)
                around = self._loop_flow(again.then(self.statement(body, key)))
                return again.then(around).then(after).or_else(after)
            case SwitchStmt(body=body):
                reads = Flow(self._any_reads(body, key), True)
                return reads.then(after)
            case _:
                return after

    def _rest(self, block: Block, key: int) -> list[Flow]:
        """Return the flow from before each statement of a block, and from its end, to its end."""
        found = self._rests.get((block, key))
        if found is None:
            found = [_PASSES]
            for statement in reversed(block.body):
                found.append(self.statement(statement, key).then(found[-1]))
            found.reverse()
            self._rests[(block, key)] = found
        return found

    def _loop_flow(self, body: Flow) -> Flow:
        """Return the flow of any number of runs of ``body``."""
        return Flow(body.reads, True)

    def _optional(self, expression: Expression | None, key: int) -> Flow:
        return self.expression(expression, key) if expression is not None else _PASSES

    def statement(self, statement: Stmt, key: int) -> Flow:
        """Return the flow of one statement."""
        found = self._flows.get((statement, key))
        if found is None:
            found = self._flows[(statement, key)] = self._statement(statement, key)
        return found

    def _statement(self, statement: Stmt, key: int) -> Flow:
        match statement:
            case Block():
                return self._rest(statement, key)[0]
            case ExpressionStmt(expression=expression):
                return self.expression(expression, key)
            case DeclareStmt(declarations=declarations):
                flow = _PASSES
                for declaration in declarations:
                    for part in (*declaration.sizes, declaration.initializer):
                        flow = flow.then(self._optional(part, key))
                    if declaration.key == key:
                        flow = flow.then(_KILLS)
                return flow
            case IfStmt(condition=condition, then=then, otherwise=otherwise):
                second = self.statement(otherwise, key) if otherwise is not None else _PASSES
                return self.expression(condition, key).then(self.statement(then, key).or_else(second))
            case ForStmt(init=init, condition=condition, increment=increment, body=body):
                start = self.statement(init, key) if init is not None else _PASSES
                test = self._optional(condition, key)
                run = self.statement(body, key).then(self._optional(increment, key))
                escape = self._optional(increment, key) if run.jumps else _PASSES
                run = Flow(run.reads or escape.reads, True)
                return start.then(test).then(run)
            case WhileStmt(condition=condition, body=body, is_do=is_do):
                run, test = self.statement(body, key), self.expression(condition, key)
                if is_do and not run.jumps:
                    return run.then(test)
                return Flow(run.reads or test.reads, True) if is_do else test.then(Flow(run.reads, True))
            case SwitchStmt(condition=condition, body=body):
                return self.expression(condition, key).then(Flow(self._any_reads(body, key), True))
            case CaseStmt(body=body):
                return self.statement(body, key)
            case ReturnStmt(value=value):
                return self._optional(value, key).then(_KILLS)
            case BreakStmt() | ContinueStmt():
                return Flow(False, False, True)
            case NullStmt():
                return _PASSES
            case _:
                return _READS

    def _any_reads(self, statement: Stmt, key: int) -> bool:
        return any(self.statement(part, key).reads for part in sub_statements(statement)) or (
            not sub_statements(statement) and self.statement(statement, key).reads
        )

    def expression(self, expression: Expression, key: int) -> Flow:
        """Return the flow of evaluating an expression."""
        match expression:
            case Name(declaration=declaration):
                return _READS if declaration.key == key else _PASSES
            case Assignment(operator="", left=left, right=right):
                target = strip_casts(left)
                if isinstance(target, Name) and target.declaration.key == key:
                    return self.expression(right, key).then(_KILLS)
                return self.expression(right, key).then(self.expression(left, key))
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                branches = self.expression(then, key).or_else(self.expression(otherwise, key))
                return self.expression(condition, key).then(branches)
            case Binary(operator="&&" | "||", left=left, right=right):
                return self.expression(left, key).then(self.expression(right, key).or_else(_PASSES))
            case Cast(operand=operand):
                return self.expression(operand, key)
            case _:
                flow = _PASSES
                for part in sub_expressions(expression):
                    flow = flow.then(self.expression(part, key))
                return flow


def exposed_iterators(root: Stmt, liveness: Liveness) -> frozenset[int]:
    """Return the keys of loop variables whose value from a loop may be read outside the loops that count in them."""
    iterators: set[int] = set()
    used: set[int] = set()

    def visit(statement: Stmt, active: frozenset[int]) -> None:
        inside = active
        if isinstance(statement, ForStmt):
            mine = {
                part.left.declaration.key
                for part in (own_expressions(statement.init) if statement.init is not None else ())
                if isinstance(part, Assignment) and isinstance(part.left, Name)
            }
            iterators.update(key for key in mine if liveness.is_live_out(key, statement))
            inside = active | mine
        for expression in own_expressions(statement):
            for part in walk_expression(expression):
                if isinstance(part, Name) and part.declaration.key not in inside:
                    used.add(part.declaration.key)
        for part in sub_statements(statement):
            visit(part, inside)

    visit(root, frozenset())
    return frozenset(iterators & used)
