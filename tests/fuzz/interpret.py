"""Runs a program: expressions and statements become functions that work on a thread's view of memory.

Every statement has two forms: ``serial`` runs it at once, ``stepped`` stops after each read and each write, so that
the steps of several threads can be mixed. A loop that a plan changes hands over to the plan's own action.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from fuzz.arithmetic import converter, operation
from fuzz.memory import OBJECT_BITS, Memory, Undefined
from fuzz.program import (
    DOUBLE,
    INT,
    Assign,
    Bin,
    Call,
    Cast,
    Cond,
    CType,
    Decl,
    Declare,
    Elem,
    Expr,
    For,
    Form,
    Helper,
    If,
    Jump,
    Lit,
    Place,
    Point,
    Program,
    Stmt,
    Swap,
    Un,
    Var,
    While,
    declarations,
)

Coordinates = tuple[tuple[int, int, int], ...]
"""Per enclosing loop its statement's id, the iterator's value and the number of iterations before."""

NORMAL, CONTINUE, BREAK, RETURN = range(4)


@dataclass(slots=True)
class Thread:
    """One flow of control.

    Attributes:
        env: Address of each variable; of a pointer, the address it points to.
        memory: Shared by all threads.
        coordinates: Iterations that the thread is in.
        trace: (statement, coordinates) of each instance in order; None to keep none.
        actions: Loop -> what runs instead of it.
        watched: Loops at whose entry ``entries`` notes the state.
    """

    env: dict[str, int]
    memory: Memory
    coordinates: Coordinates = ()
    trace: list[tuple[int, Coordinates]] | None = None
    actions: dict[int, Callable[[Thread], Generator[None, None, int]]] = field(default_factory=dict)
    watched: frozenset[int] = frozenset()
    entries: list[Entry] = field(default_factory=list["Entry"])
    result: int | None = None

    def begin(self, statement: int) -> None:
        """Count one statement, and note it if there is a trace."""
        memory = self.memory
        memory.steps -= 1
        if memory.steps < 0:
            raise Undefined("the program runs for too long")
        if self.trace is not None:
            memory.now = len(self.trace)
            self.trace.append((statement, self.coordinates))


@dataclass(frozen=True, slots=True)
class Entry:
    """The state in front of one execution of a watched loop; ``first`` and ``end`` bound its instances."""

    loop: int
    first: int
    env: dict[str, int]
    cells: dict[int, int | None]
    end: int


Value = Callable[[Thread], int]
Serial = Callable[[Thread], int]
Stepped = Callable[[Thread], Generator[None, None, int]]


@dataclass(frozen=True, slots=True)
class Code:
    """A statement's two forms."""

    serial: Serial
    stepped: Stepped


@dataclass(frozen=True, slots=True)
class LoopCode:
    """The parts of a ``for`` loop, for those that run it in another way."""

    loop: For
    lower: Value
    condition: Value
    advance: Callable[[Thread], int]
    body: Code


class Machine:
    """A program made ready to run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.decls = declarations(program)
        self.loops: dict[int, LoopCode] = {}
        self.codes: dict[int, Code] = {}
        self.atomics: frozenset[int] = frozenset()
        self._helpers = {helper.name: helper for helper in program.helpers}
        self._active: list[str] = []
        self._body = self._block(program.body)

    def run(self, thread: Thread) -> None:
        """Run the whole function."""
        self._body.serial(thread)

    # --- expressions ---

    def value(self, item: Expr) -> tuple[CType, Value]:
        """Return type and value of an expression."""
        match item:
            case Lit(value=value, type=type_):
                return type_, lambda _: value
            case Var(name=name):
                return self._variable(name)
            case Elem():
                type_, name, address = self.place(item)
                return type_, lambda t: t.memory.load(address(t), type_, name)
            case Bin(operator="&&" | "||" as operator, left=left, right=right):
                _, first = self.value(left)
                _, second = self.value(right)
                if operator == "&&":
                    return INT, lambda t: int(bool(first(t)) and bool(second(t)))
                return INT, lambda t: int(bool(first(t)) or bool(second(t)))
            case Bin(operator=operator, left=left, right=right):
                return self._binary(operator, self.value(left), self.value(right))
            case Un(operator=operator, operand=operand):
                return self._unary(operator, *self.value(operand))
            case Cast(type=type_, operand=operand):
                return type_, self._as(type_, *self.value(operand))
            case Cond(condition=condition, then=then, otherwise=otherwise):
                return self._choice(condition, then, otherwise)
            case Call():
                return self._call(item)

    def _variable(self, name: str) -> tuple[CType, Value]:
        decl = self.decls[name]
        type_ = decl.type
        if name in self._active:
            # The counter of a loop around is fixed in each iteration, so nobody need know who reads it.
            def peek(t: Thread) -> int:
                found = t.memory.cells[t.env[name]]
                if found is None:
                    raise Undefined("an iterator without a value")
                return found

            return type_, peek
        return type_, lambda t: t.memory.load(t.env[name], type_, name)

    @staticmethod
    def _as(to: CType, source: CType, value: Value) -> Value:
        change = converter(source, to)
        if change is None:
            return value
        return lambda t: change(value(t))

    def _binary(self, operator: str, left: tuple[CType, Value], right: tuple[CType, Value]) -> tuple[CType, Value]:
        common, result, apply = operation(operator, left[0], right[0])
        first = self._as(common, *left)
        second = right[1] if operator in ("<<", ">>") else self._as(common, *right)
        return result, lambda t: apply(first(t), second(t))

    def _unary(self, operator: str, type_: CType, value: Value) -> tuple[CType, Value]:
        if operator == "!":
            return INT, lambda t: int(not value(t))
        if operator == "-":
            return self._binary("-", (INT, lambda _: 0), (type_, value))
        if operator == "~":
            return self._binary("^", (INT, lambda _: -1), (type_, value))
        raise ValueError(operator)

    def _choice(self, condition: Expr, then: Expr, otherwise: Expr) -> tuple[CType, Value]:
        _, test = self.value(condition)
        first, second = self.value(then), self.value(otherwise)
        common, _, _ = operation("+", first[0], second[0])
        one, other = self._as(common, *first), self._as(common, *second)
        return common, lambda t: one(t) if test(t) else other(t)

    def _call(self, call: Call) -> tuple[CType, Value]:
        values = [self.value(argument) for argument in call.arguments]
        if call.name in ("fmax", "fmin"):
            first, second = (self._as(DOUBLE, *each) for each in values)
            choose = max if call.name == "fmax" else min
            return DOUBLE, lambda t: choose(first(t), second(t))
        if call.name == "abs":
            value = self._as(INT, *values[0])
            return INT, lambda t: abs(value(t))
        return self._inlined(self._helpers[call.name], values)

    def _inlined(self, helper: Helper, values: list[tuple[CType, Value]]) -> tuple[CType, Value]:
        inner = Machine(Program("", helper.parameters, (), None, (), ()))
        type_, result = inner.value(helper.value)
        back = self._as(helper.type, type_, result)
        given = [
            (decl, self._as(decl.type, *value)) for decl, value in zip(helper.parameters, values, strict=True)
        ]

        def call(t: Thread) -> int:
            own = Memory(t.memory.fill)
            env: dict[str, int] = {}
            for place, (decl, value) in enumerate(given):
                env[decl.name] = place
                own.cells[place] = value(t)
            return back(Thread(env, own))

        return helper.type, call

    # --- places ---

    def place(self, item: Place) -> tuple[CType, str, Value]:
        """Return type, name and address of what an assignment sets."""
        name = item.name
        decl = self.decls[name]
        if isinstance(item, Var):
            return decl.type, name, lambda t: t.env[name]
        offset, type_ = 0, decl.type
        if item.member:
            assert decl.record is not None
            offset, type_ = decl.record.member(item.member)
        if not item.subscripts:
            return type_, name, lambda t: t.env[name] + offset
        index = self._flat(decl, item.subscripts)
        size = decl.element_size
        if decl.form is not Form.ARRAY:
            return type_, name, lambda t: t.env[name] + index(t) * size + offset
        count = 1
        for extent in decl.extents:
            count *= extent

        def within(t: Thread) -> int:
            place = index(t)
            if not 0 <= place < count:
                raise Undefined("an array is accessed outside its bounds")
            return t.env[name] + place * size + offset

        return type_, name, within

    def _flat(self, decl: Decl, subscripts: tuple[Expr, ...]) -> Value:
        places = [self.value(each)[1] for each in subscripts]
        extents = decl.extents[1:] if decl.form is Form.ARRAY else decl.extents
        if not extents:
            return places[0]
        lengths = [self.value(Lit(each) if isinstance(each, int) else each)[1] for each in extents]

        def flat(t: Thread) -> int:
            found = places[0](t)
            for length, place in zip(lengths, places[1:], strict=True):
                found = found * length(t) + place(t)
            return found

        return flat

    # --- statements ---

    def _block(self, body: tuple[Stmt, ...]) -> Code:
        parts = [self._statement(each) for each in body]
        serials, steppeds = [each.serial for each in parts], [each.stepped for each in parts]

        def serial(t: Thread) -> int:
            for run in serials:
                signal = run(t)
                if signal:
                    return signal
            return NORMAL

        def stepped(t: Thread) -> Generator[None, None, int]:
            for run in steppeds:
                signal = yield from run(t)
                if signal:
                    return signal
            return NORMAL

        return Code(serial, stepped)

    def _statement(self, statement: Stmt) -> Code:
        match statement:
            case Assign():
                return self._assign(statement)
            case Declare():
                return self._declare(statement)
            case If():
                return self._branch(statement)
            case For():
                return self._for(statement)
            case While():
                return self._while(statement)
            case Jump():
                return self._jump(statement)
            case Swap(first=first, second=second):

                def swap(t: Thread) -> int:
                    t.env[first], t.env[second] = t.env[second], t.env[first]
                    return NORMAL

                return _leaf(swap)

    def _assign(self, statement: Assign) -> Code:
        type_, name, address = self.place(statement.target)
        value = self.value(statement.value)
        if statement.operator:
            old: tuple[CType, Value] = type_, lambda t: t.memory.load(address(t), type_, name)
            if name in self._active:
                old = self._variable(name)
            value = self._binary(statement.operator, old, value)
        read = self._as(type_, *value)
        identity, machine = statement.id, self

        def serial(t: Thread) -> int:
            t.begin(identity)
            found = read(t)
            t.memory.store(address(t), found, type_, name)
            return NORMAL

        def stepped(t: Thread) -> Generator[None, None, int]:
            t.begin(identity)
            found = read(t)
            if identity not in machine.atomics:
                yield
            t.memory.store(address(t), found, type_, name)
            yield
            return NORMAL

        return Code(serial, stepped)

    def _declare(self, statement: Declare) -> Code:
        decl, initial, identity = statement.decl, statement.initial, statement.id
        name, type_ = decl.name, decl.type
        if isinstance(initial, Point):
            base, size = initial.base, decl.element_size
            for extent in decl.extents:
                size *= extent
            _, offset = self.value(initial.offset)

            def point(t: Thread) -> int:
                t.begin(identity)
                t.env[name] = t.env[base] + offset(t) * size
                return NORMAL

            return _leaf(point)
        read = self._as(type_, *self.value(initial)) if initial is not None else None
        count = math.prod(decl.extents) if decl.form is Form.ARRAY else 1

        def declare(t: Thread) -> int:
            t.begin(identity)
            value = read(t) if read is not None else None
            address = t.env[name] = fresh(t.memory)
            if value is not None:
                for place in range(0, count * decl.element_size, decl.element_size):
                    t.memory.store(address + place, value, type_, name)
            return NORMAL

        return _leaf(declare)

    def _branch(self, statement: If) -> Code:
        _, test = self.value(statement.condition)
        then, otherwise, identity = self._block(statement.then), self._block(statement.otherwise), statement.id

        def serial(t: Thread) -> int:
            t.begin(identity)
            return then.serial(t) if test(t) else otherwise.serial(t)

        def stepped(t: Thread) -> Generator[None, None, int]:
            t.begin(identity)
            holds = test(t)
            yield
            return (yield from (then if holds else otherwise).stepped(t))

        return Code(serial, stepped)

    def _jump(self, statement: Jump) -> Code:
        signal = {"continue": CONTINUE, "break": BREAK, "return": RETURN}[statement.kind]
        value = self.value(statement.value) if statement.value is not None else None
        result = self.program.result
        read = self._as(result, *value) if value is not None and result is not None else None

        def jump(t: Thread) -> int:
            t.begin(statement.id)
            if read is not None:
                t.result = read(t)
            return signal

        return _leaf(jump)

    def _while(self, statement: While) -> Code:
        _, test = self.value(statement.condition)
        body, identity = self._block(statement.body), statement.id

        def serial(t: Thread) -> int:
            return _drain(stepped(t))

        def stepped(t: Thread) -> Generator[None, None, int]:
            outer, count = t.coordinates, 0
            try:
                while True:
                    t.coordinates = (*outer, (identity, count, count))
                    t.begin(identity)
                    if not test(t):
                        return NORMAL
                    signal = yield from body.stepped(t)
                    if signal == RETURN:
                        return RETURN
                    if signal == BREAK:
                        return NORMAL
                    count += 1
            finally:
                t.coordinates = outer

        return Code(serial, stepped)

    def _for(self, loop: For) -> Code:
        code = self._loop_code(loop)
        identity, name, type_, body = loop.id, loop.iterator.name, loop.iterator.type, code.body

        def start(t: Thread) -> int:
            t.begin(identity)
            value = code.lower(t)
            if loop.declares:
                t.env[name] = fresh(t.memory)
            t.memory.store(t.env[name], value, type_, name)
            return value

        def serial(t: Thread) -> int:
            if identity in t.actions:
                return _drain(t.actions[identity](t))
            entry = (len(t.trace or ()), dict(t.env), dict(t.memory.cells)) if identity in t.watched else None
            value, outer, count = start(t), t.coordinates, 0
            try:
                while True:
                    t.coordinates = (*outer, (identity, value, count))
                    t.begin(identity)
                    if not code.condition(t):
                        return NORMAL
                    signal = body.serial(t)
                    if signal > CONTINUE:
                        return signal if signal == RETURN else NORMAL
                    t.begin(identity)
                    value = code.advance(t)
                    count += 1
            finally:
                t.coordinates = outer
                if entry is not None:
                    t.entries.append(Entry(identity, *entry, len(t.trace or ())))

        def stepped(t: Thread) -> Generator[None, None, int]:
            if identity in t.actions:
                return (yield from t.actions[identity](t))
            value, outer, count = start(t), t.coordinates, 0
            yield
            try:
                while True:
                    t.coordinates = (*outer, (identity, value, count))
                    t.begin(identity)
                    if not code.condition(t):
                        return NORMAL
                    signal = yield from body.stepped(t)
                    if signal > CONTINUE:
                        return signal if signal == RETURN else NORMAL
                    value = code.advance(t)
                    yield
                    count += 1
            finally:
                t.coordinates = outer

        found = self.codes[identity] = Code(serial, stepped)
        return found

    def _loop_code(self, loop: For) -> LoopCode:
        name, type_ = loop.iterator.name, loop.iterator.type
        lower = self._as(type_, *self.value(loop.lower))
        self._active.append(name)
        _, condition = self.value(Bin(loop.relation, Var(name), loop.upper))
        step = Lit(loop.step) if isinstance(loop.step, int) else loop.step
        change = self._as(type_, *self._binary("+", self._variable(name), self.value(step)))
        body = self._block(loop.body)
        self._active.pop()

        def advance(t: Thread) -> int:
            value = change(t)
            memory = t.memory
            if memory.log is not None:
                memory.log.append((t.env[name], False, name, memory.now))
            memory.store(t.env[name], value, type_, name)
            return value

        found = self.loops[loop.id] = LoopCode(loop, lower, condition, advance, body)
        return found


def fresh(memory: Memory) -> int:
    """Return the address of an object whose cells have no value yet."""
    address = memory.new_object()
    memory.undefined.add(address >> OBJECT_BITS)
    return address


def _leaf(run: Serial) -> Code:
    def stepped(t: Thread) -> Generator[None, None, int]:
        signal = run(t)
        yield
        return signal

    return Code(run, stepped)


def _drain(steps: Generator[None, None, int]) -> int:
    """Run all steps at once and return the signal they end with."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            signal: Any = end.value
            return signal

