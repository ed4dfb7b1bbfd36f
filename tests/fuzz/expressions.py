"""What a program computes: expressions become functions that read a thread's view of memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from fuzz.arithmetic import converter, operation
from fuzz.memory import OBJECT_BITS, Memory, Undefined
from fuzz.program import (
    DOUBLE,
    INT,
    Bin,
    Call,
    Cast,
    Cond,
    CType,
    Decl,
    Elem,
    Expr,
    For,
    Form,
    Helper,
    Lit,
    Place,
    Program,
    Un,
    Var,
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
    """The state in front of one execution of a watched loop.

    Attributes:
        first, end: Bounds of its instances' numbers.
        env: See ``Thread``.
        writes: Number of writes before it.
    """

    loop: int
    first: int
    env: dict[str, int]
    writes: int
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


class Expressions:
    """Expressions and places of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.decls = declarations(program)
        self._helpers = {helper.name: helper for helper in program.helpers}
        self.active: list[str] = []

    # --- expressions ---

    def value(self, item: Expr) -> tuple[CType, Value]:
        """Return type and value of an expression."""
        match item:
            case Lit(value=value, type=type_):
                return type_, lambda _: value
            case Var(name=name):
                return self.variable(name)
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
                return self.binary(operator, self.value(left), self.value(right))
            case Un(operator=operator, operand=operand):
                return self._unary(operator, *self.value(operand))
            case Cast(type=type_, operand=operand):
                return type_, self.converted(type_, *self.value(operand))
            case Cond(condition=condition, then=then, otherwise=otherwise):
                return self._choice(condition, then, otherwise)
            case Call():
                return self._call(item)

    def variable(self, name: str) -> tuple[CType, Value]:
        decl = self.decls[name]
        type_ = decl.type
        if name in self.active:
            # The counter of a loop around is fixed in each iteration, so nobody need know who reads it.
            def peek(t: Thread) -> int:
                found = t.memory.cells[t.env[name]]
                if found is None:
                    raise Undefined("an iterator without a value")
                return found

            return type_, peek
        return type_, lambda t: t.memory.load(t.env[name], type_, name)

    @staticmethod
    def converted(to: CType, source: CType, value: Value) -> Value:
        change = converter(source, to)
        if change is None:
            return value
        return lambda t: change(value(t))

    def binary(self, operator: str, left: tuple[CType, Value], right: tuple[CType, Value]) -> tuple[CType, Value]:
        common, result, apply = operation(operator, left[0], right[0])
        first = self.converted(common, *left)
        second = right[1] if operator in ("<<", ">>") else self.converted(common, *right)
        return result, lambda t: apply(first(t), second(t))

    def _unary(self, operator: str, type_: CType, value: Value) -> tuple[CType, Value]:
        if operator == "!":
            return INT, lambda t: int(not value(t))
        if operator == "-":
            return self.binary("-", (INT, lambda _: 0), (type_, value))
        if operator == "~":
            return self.binary("^", (INT, lambda _: -1), (type_, value))
        raise ValueError(operator)

    def _choice(self, condition: Expr, then: Expr, otherwise: Expr) -> tuple[CType, Value]:
        _, test = self.value(condition)
        first, second = self.value(then), self.value(otherwise)
        common, _, _ = operation("+", first[0], second[0])
        one, other = self.converted(common, *first), self.converted(common, *second)
        return common, lambda t: one(t) if test(t) else other(t)

    def _call(self, call: Call) -> tuple[CType, Value]:
        values = [self.value(argument) for argument in call.arguments]
        if call.name in ("fmax", "fmin"):
            first, second = (self.converted(DOUBLE, *each) for each in values)
            choose = max if call.name == "fmax" else min
            return DOUBLE, lambda t: choose(first(t), second(t))
        if call.name == "abs":
            value = self.converted(INT, *values[0])
            return INT, lambda t: abs(value(t))
        return self._inlined(self._helpers[call.name], values)

    def _inlined(self, helper: Helper, values: list[tuple[CType, Value]]) -> tuple[CType, Value]:
        inner = Expressions(Program("", helper.parameters, (), None, (), ()))
        type_, result = inner.value(helper.value)
        back = self.converted(helper.type, type_, result)
        given = [
            (decl, self.converted(decl.type, *value)) for decl, value in zip(helper.parameters, values, strict=True)
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

    def _row(self, subscript: Expr, place: Value) -> Value:
        """Return the place with a note of whether ``j`` of ``i*m + j`` leaves the row."""
        match subscript:
            case Bin(operator="+", left=Bin(operator="*", right=Var(name=width)), right=column):
                inside, length = self.value(column)[1], self.value(Var(width))[1]
            case _:
                return place

        def noted(t: Thread) -> int:
            if not 0 <= inside(t) < length(t):
                t.memory.leaves_recovered_row = True
            return place(t)

        return noted

    def _flat(self, decl: Decl, subscripts: tuple[Expr, ...]) -> Value:
        places = [self.value(each)[1] for each in subscripts]
        extents = decl.extents[1:] if decl.form is Form.ARRAY else decl.extents
        if not extents:
            return self._row(subscripts[0], places[0])
        lengths = [self.value(Lit(each) if isinstance(each, int) else each)[1] for each in extents]

        def flat(t: Thread) -> int:
            found = places[0](t)
            for length, place in zip(lengths, places[1:], strict=True):
                extent, index = length(t), place(t)
                if not 0 <= index < extent:
                    t.memory.leaves_row = True
                found = found * extent + index
            return found

        return flat


def fresh(memory: Memory) -> int:
    """Return the address of an object whose cells have no value yet."""
    address = memory.new_object()
    memory.undefined.add(address >> OBJECT_BITS)
    return address
