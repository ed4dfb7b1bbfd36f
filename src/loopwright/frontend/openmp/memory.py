"""The memory of the symbolic run: objects, places in them, and what their cells hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from loopwright.core.codes import Code
from loopwright.frontend.affine import Value
from loopwright.frontend.types import CType

OUTSIDE = -1
"""The owner of memory that was there before the threads were."""


class ObjectKind(Enum):
    """VARIABLE: a name. HEAP: allocated. EXTERN: behind a pointer of unknown origin. TEXT: a string constant."""

    VARIABLE = auto()
    HEAP = auto()
    EXTERN = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class MemoryObject:
    """A piece of memory that has an identity of its own.

    Attributes:
        key: Identity in the run.
        name: What to call it.
        kind: Where it comes from.
        owner: The context of which each instance has its own (``core.concurrency``); OUTSIDE for memory that was there
            before the threads were.
        is_summary: It stands for several objects, so that two touches of one element need not meet.
        may_overlap: Other objects may be the same memory (behind a pointer of unknown origin).
        is_global: Reached by code outside the program's files.
        is_private: Each thread has its own, wherever it is named.
        is_restrict: Behind a ``restrict`` pointer: nothing else is the same memory.
    """

    key: tuple[object, ...]
    name: str
    kind: ObjectKind = field(compare=False)
    owner: int = field(default=OUTSIDE, compare=False)
    is_summary: bool = field(default=False, compare=False)
    may_overlap: bool = field(default=False, compare=False)
    is_global: bool = field(default=False, compare=False)
    is_private: bool = field(default=False, compare=False)
    is_restrict: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something is not known exactly.

    Attributes:
        code: The reason code.
        reason: The same in words.
        objects: The memory on whose contents it depends.
    """

    code: Code
    reason: str
    objects: frozenset[MemoryObject] = frozenset()


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which nothing is known but the memory that it was computed from."""

    objects: frozenset[MemoryObject] = frozenset()
    code: Code = Code.INDIRECT_SUBSCRIPT
    reason: str = "the value is read from memory"

    def doubt(self) -> Doubt:
        """Return why it is not known."""
        return Doubt(self.code, self.reason, self.objects)


@dataclass(frozen=True, slots=True)
class Element:
    """One subscript: its value, and the number of elements where it is known."""

    value: Value | Opaque
    count: Value | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """``.name``."""

    name: str


CONTENTS = Field("<contents>")
"""The way from a container to its elements, which lie in memory of their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an object.

    Attributes:
        object: The memory.
        steps: The way from its start.
        type: Of what is there.
        doubt: Why the way is not exact; it then may be anywhere in the object.
        is_whole: All that is in the place at once, whatever its type.
    """

    object: MemoryObject
    steps: tuple[Element | Field, ...]
    type: CType
    doubt: Doubt | None = None

    def then(self, step: Element | Field, type_: CType) -> Place:
        """Return the place one step on."""
        return replace(self, steps=(*self.steps, step), type=type_)

    def cell(self) -> tuple[int | str, ...] | None:
        """Return the way with numbers for subscripts; None if it depends on symbols."""
        if self.doubt is not None:
            return None
        path: list[int | str] = []
        for step in self.steps:
            if isinstance(step, Field):
                path.append(step.name)
            elif isinstance(step.value, Value) and step.value.constant is not None:
                path.append(step.value.constant)
            else:
                return None
        return tuple(path)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer: the places that it may point to, all of them."""

    places: tuple[Place, ...]


Abstract = Value | Pointer | Opaque
Cell = tuple[MemoryObject, tuple[int | str, ...]]
NOTHING = Opaque(frozenset(), Code.NON_AFFINE_SUBSCRIPT, "the value is not an integer")

_SELF = MemoryObject(("self",), "the thread itself", ObjectKind.VARIABLE, is_private=True)
VARYING = Opaque(frozenset({_SELF}), Code.NON_AFFINE_SUBSCRIPT, "the value may differ from thread to thread")
"""A value that each thread or iteration may see another way: what hangs on it may be how they share out the work."""


@dataclass(slots=True)
class State:
    """What the cells hold at one point.

    Attributes:
        cells: Known values.
        tables: Arrays whose initial numbers are all still in place.
        threads: What ``omp_set_num_threads`` was last given; None if it was not called, or with nothing known.
        is_dead: The point is not reached.
    """

    cells: dict[Cell, Abstract] = field(default_factory=dict[Cell, Abstract])
    tables: dict[MemoryObject, tuple[int, ...]] = field(default_factory=dict[MemoryObject, tuple[int, ...]])
    threads: int | None = None
    is_dead: bool = False

    def copy(self) -> State:
        """Return a state to change."""
        return State(dict(self.cells), dict(self.tables), self.threads, self.is_dead)

    def forget(self, object_: MemoryObject) -> None:
        """Drop all that is known of an object's contents."""
        self.tables.pop(object_, None)
        for cell in [cell for cell in self.cells if cell[0] == object_]:
            del self.cells[cell]

    def forget_all(self, objects: Iterable[MemoryObject]) -> None:
        """Drop all that is known of several objects."""
        wanted = set(objects)
        for each in wanted:
            self.tables.pop(each, None)
        for cell in [cell for cell in self.cells if cell[0] in wanted]:
            del self.cells[cell]

    def changed(self, other: State) -> set[Cell]:
        """Return the cells that hold something else in ``other``, or are known in one state alone."""
        cells = {cell for cell, value in self.cells.items() if other.cells.get(cell) != value}
        return cells | {cell for cell in other.cells if cell not in self.cells}


def pointee(type_: CType) -> CType:
    """Return what a pointer type points to."""
    return type_.element if type_.element is not None else type_
