"""Runs a program: expressions and statements become functions that work on a thread's view of memory.

Every statement has two forms: ``serial`` runs it at once, ``stepped`` stops after each read and each write, so that
the steps of several threads can be mixed. A loop that a plan changes hands over to the plan's own action.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

from fuzz.expressions import (
    BREAK,
    CONTINUE,
    NORMAL,
    RETURN,
    Code,
    Entry,
    Expressions,
    LoopCode,
    Serial,
    Thread,
    Value,
    fresh,
)
from fuzz.program import (
    Assign,
    Bin,
    CType,
    Declare,
    For,
    Form,
    If,
    Jump,
    Lit,
    Point,
    Program,
    Stmt,
    Swap,
    Var,
    While,
)


class Machine(Expressions):
    """A program made ready to run."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.loops: dict[int, LoopCode] = {}
        self.codes: dict[int, Code] = {}
        self.atomics: frozenset[int] = frozenset()
        self._body = self._block(program.body)

    def run(self, thread: Thread) -> None:
        """Run the whole function."""
        self._body.serial(thread)

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
            if name in self.active:
                old = self.variable(name)
            value = self.binary(statement.operator, old, value)
        read = self.converted(type_, *value)
        identity, machine = statement.id, self

        def serial(t: Thread) -> int:
            t.begin(identity)
            found = read(t)
            t.memory.store(address(t), found, name)
            return NORMAL

        def stepped(t: Thread) -> Generator[None, None, int]:
            t.begin(identity)
            found = read(t)
            if identity not in machine.atomics:
                yield
            t.memory.store(address(t), found, name)
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
        read = self.converted(type_, *self.value(initial)) if initial is not None else None
        count = math.prod(decl.extents) if decl.form is Form.ARRAY else 1

        def declare(t: Thread) -> int:
            t.begin(identity)
            value = read(t) if read is not None else None
            address = t.env[name] = fresh(t.memory)
            if value is not None:
                for place in range(0, count * decl.element_size, decl.element_size):
                    t.memory.store(address + place, value, name)
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
        read = self.converted(result, *value) if value is not None and result is not None else None

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
        identity, name, body = loop.id, loop.iterator.name, code.body

        def start(t: Thread) -> int:
            t.begin(identity)
            value = code.lower(t)
            if loop.declares:
                t.env[name] = fresh(t.memory)
            t.memory.store(t.env[name], value, name)
            return value

        def serial(t: Thread) -> int:
            if identity in t.actions:
                return _drain(t.actions[identity](t))
            entry = (len(t.trace or ()), dict(t.env), len(t.memory.journal or ())) if identity in t.watched else None
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
        lower = self.converted(type_, *self.value(loop.lower))
        self.active.append(name)
        _, condition = self.value(Bin(loop.relation, Var(name), loop.upper))
        step = Lit(loop.step) if isinstance(loop.step, int) else loop.step
        change = self.converted(type_, *self.binary("+", self.variable(name), self.value(step)))
        body = self._block(loop.body)
        self.active.pop()

        def advance(t: Thread) -> int:
            value = change(t)
            memory = t.memory
            if memory.log is not None:
                memory.log.append((t.env[name], False, name, memory.now))
            memory.store(t.env[name], value, name)
            return value

        found = self.loops[loop.id] = LoopCode(loop, lower, condition, advance, body)
        return found


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
