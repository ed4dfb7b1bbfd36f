"""Inputs of a program: sizes, where its pointers point, what memory holds; and the serial run that they give."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from fuzz.expressions import Coordinates, Entry, Thread
from fuzz.interpret import Machine
from fuzz.memory import OBJECT_BITS, Fill, Memory, Undefined
from fuzz.program import Decl, Form, Program, Storage


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one call of the function gets.

    Attributes:
        numbers: Scalar parameters.
        pointers: Pointer parameters: the parameter or global whose memory they reach, and the offset in bytes.
        fill: What memory holds.
        cells: Elements that hold something else: (pointer, offset in bytes) -> value.
    """

    numbers: tuple[tuple[str, int], ...]
    pointers: tuple[tuple[str, str, int], ...]
    fill: Fill
    cells: tuple[tuple[str, int, int], ...] = ()

    def thread(self, machine: Machine, steps: int) -> Thread:
        """Return a thread that stands in front of the function's body."""
        memory = Memory(self.fill, steps=steps)
        env = {decl.name: (place + 1) << OBJECT_BITS for place, decl in enumerate(owners(machine.program))}
        values = dict(self.numbers)
        for decl in machine.program.parameters:
            if decl.form is Form.SCALAR:
                env[decl.name] = memory.new_object()
                memory.cells[env[decl.name]] = values[decl.name]
        for name, owner, offset in self.pointers:
            env[name] = env[owner] + offset
        for name, offset, value in self.cells:
            memory.cells[env[name] + offset] = value
        return Thread(env, memory)


def owners(program: Program) -> list[Decl]:
    """Return the declarations with memory of their own that outlives the function: globals, pointer parameters."""
    return [*program.globals, *(decl for decl in program.parameters if decl.form is not Form.SCALAR)]


@dataclass(slots=True)
class SerialRun:
    """The original run for one input.

    Attributes:
        trace: (statement, coordinates) of every instance in order.
        log: (address, is a write, name, instance) of every access.
        entries: The watched loops' executions.
        first_cells: Memory before the function ran.
        journal: See ``Memory``.
        memory: As the function leaves it.
        result: What it returns.
        steps: How many statements ran.
    """

    inputs: Inputs
    trace: list[tuple[int, Coordinates]]
    log: list[tuple[int, bool, str, int]]
    entries: list[Entry]
    first_cells: dict[int, int | None]
    journal: list[tuple[int, int | None]]
    memory: Memory
    result: int | None
    steps: int
    events: dict[tuple[int, frozenset[int]], dict[int, list[tuple[int, bool, str]]]] = field(default_factory=dict)

    def memory_at(self, entry: Entry) -> Memory:
        """Return memory as it was in front of an execution."""
        cells = self.first_cells | dict(self.journal[: entry.writes])
        return Memory(self.memory.fill, cells, steps=1 << 30, undefined=self.memory.undefined)

    def events_of(self, place: int, writers: frozenset[int] = frozenset()) -> dict[int, list[tuple[int, bool, str]]]:
        """Return the accesses inside entry ``place`` by address, those of addresses that nobody writes left out.

        What the statements ``writers`` read counts as written, too.
        """
        found = self.events.get((place, writers))
        if found is None:
            entry = self.entries[place]
            found = {}
            written: set[int] = set()
            for address, is_write, name, instance in self.log:
                if entry.first <= instance < entry.end:
                    found.setdefault(address, []).append((instance, is_write, name))
                    if is_write or self.trace[instance][0] in writers:
                        written.add(address)
            self.events[place, writers] = found = {each: events for each, events in found.items() if each in written}
        return found


def run_serial(machine: Machine, inputs: Inputs, watched: frozenset[int], steps: int) -> SerialRun | None:
    """Return the original run; None if the program has no meaning for the input or takes too long."""
    thread = inputs.thread(machine, steps)
    thread.trace, thread.watched = [], watched
    thread.memory.log, thread.memory.journal = [], []
    before = dict(thread.memory.cells)
    try:
        machine.run(thread)
    except Undefined:
        return None
    memory = thread.memory
    if not _stays_inside(machine, inputs, thread.env, memory.log or []):
        return None
    log, journal = memory.log or [], memory.journal or []
    memory.log = memory.journal = None
    ran = steps - memory.steps
    return SerialRun(inputs, thread.trace, log, thread.entries, before, journal, memory, thread.result, ran)


def _stays_inside(machine: Machine, inputs: Inputs, env: dict[str, int], log: list[tuple[int, bool, str, int]]) -> bool:
    """Return True if no pointer that points into a global array leaves it."""
    reached = {owner for name, owner, _ in inputs.pointers if name != owner}
    for decl in machine.program.globals:
        if decl.name not in reached:
            continue
        size = decl.element_size
        for extent in decl.extents:
            size *= extent
        base = env[decl.name]
        for address, _, _, _ in log:
            if address >> OBJECT_BITS == base >> OBJECT_BITS and not 0 <= address - base < size:
                return False
            if base - (1 << 20) <= address < base:
                return False
    return True


def differs(machine: Machine, run: SerialRun, memory: Memory, result: int | None) -> str:
    """Return how another run's outcome differs from the serial one; ``""`` if a caller sees no difference."""
    if result != run.result:
        return f"the result is {result} and not {run.result}"
    known = owners(machine.program)
    for address in sorted({*run.memory.cells, *memory.cells}):
        if address >> OBJECT_BITS > len(known):
            continue  # an object that the function made, and that is gone
        decl = known[(address >> OBJECT_BITS) - 1]
        first, second = (each.cells.get(address, each.fill.value(address, decl.type)) for each in (run.memory, memory))
        if first != second:
            return f"byte {address & 0xFFFFFFFF} of {decl.name} holds {second} and not {first}"
    return ""


CAPS = {1: 9, 2: 7, 3: 5, 4: 4}
"""Largest sizes by depth of the deepest nest, so that all instances can be walked."""


def random_inputs(machine: Machine, rng: random.Random, depth: int, *, overlap: bool) -> Inputs:
    """Return random inputs; with ``overlap`` some pointers reach the same memory."""
    cap = CAPS.get(depth, 3)
    program = machine.program
    numbers: list[tuple[str, int]] = []
    for decl in program.parameters:
        if decl.form is Form.SCALAR:
            low = -1 if decl.type.is_signed and rng.random() < 0.15 else cap // 2 if rng.random() < 0.5 else 0
            numbers.append((decl.name, rng.randint(low, cap)))
    fill = Fill(rng.randrange(1 << 30), rng.choice(("mixed", "mixed", "rising", "constant")))
    return Inputs(tuple(numbers), _pointers(program, rng, dict(numbers)) if overlap else (), fill)


def _pointers(program: Program, rng: random.Random, numbers: dict[str, int]) -> tuple[tuple[str, str, int], ...]:
    found: list[tuple[str, str, int]] = []
    all_owners = owners(program)
    for decl in program.parameters:
        if decl.form is not Form.POINTER or decl.is_restrict or decl.record is not None or rng.random() < 0.35:
            continue
        others = [
            other
            for other in all_owners
            if other is not decl
            and not other.is_restrict
            and other.record is None
            and other.form is not Form.SCALAR
            and other.type == decl.type
            and all(name != other.name for name, _, _ in found)
        ]
        if others:
            other = rng.choice(others)
            size = decl.type.size
            far = max(numbers.values(), default=3)
            places = rng.choice((0, 0, 0, 1, -1, 2, far, -far, far // 2, 2 * far, rng.randint(-9, 9)))
            if other.storage is Storage.GLOBAL:
                places = abs(places)
            found.append((decl.name, other.name, places * size))
    return tuple(found)
