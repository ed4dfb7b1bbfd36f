"""The state of the symbolic run, and how it reads and writes memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from loopwright.core.codes import Code
from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import Piece, Poly, Value, conjunction
from loopwright.frontend.openmp.facts import Facts
from loopwright.frontend.openmp.memory import (
    CONTENTS,
    OUTSIDE,
    Abstract,
    Cell,
    Doubt,
    Element,
    Field,
    MemoryObject,
    ObjectKind,
    Opaque,
    Place,
    Pointer,
    State,
    pointee,
)
from loopwright.frontend.openmp.numbers import Arithmetic
from loopwright.frontend.openmp.program import Program, Unit
from loopwright.frontend.openmp.recorder import Recorder
from loopwright.frontend.syntax import Declaration, DeclarationKind, Extent
from loopwright.frontend.types import CType, TypeKind

_LARGEST_TABLE = 512
_DEEPEST_RECORD = 8


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known where a condition is true, and where it is false; exact if there is no doubt."""

    when_true: str
    when_false: str
    doubt: Doubt | None = None


@dataclass(slots=True)
class Frame:
    """One call of a function.

    Attributes:
        variables: Objects of its variables.
        references: What its references are bound to.
        unit: Where its text is.
        path: The calls that lead to it.
        function: Its key.
    """

    variables: dict[int, MemoryObject]
    references: dict[int, Place]
    unit: Unit
    path: tuple[object, ...]
    function: int
    name: str
    receiver: Place | None = None
    returned: list[tuple[State, Abstract | None]] = field(default_factory=list["tuple[State, Abstract | None]"])


class Machine:
    """Memory and values at the current point of the run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.facts = Facts()
        self.numbers = Arithmetic(self.facts)
        self.state: State = State()
        self.recorder: Recorder | None = None
        self.frames: list[Frame] = []
        self.unstable: set[MemoryObject] = set()
        self.constants: set[MemoryObject] = set()
        self.extents: dict[tuple[object, ...], dict[int, Value]] = {}
        self.element_types: dict[tuple[object, ...], CType] = {}
        self.team_sizes: list[Poly] = []
        # Of the thread that runs, innermost team last; None where any thread may.
        self.thread_numbers: list[Poly | None] = []
        self.league_numbers: list[tuple[Poly, Poly]] = []

    @property
    def frame(self) -> Frame:
        """The call that runs."""
        return self.frames[-1]

    @property
    def owner(self) -> int:
        """The context that variables declared here belong to."""
        return self.recorder.current if self.recorder is not None else OUTSIDE

    def object_of(self, declaration: Declaration) -> MemoryObject:
        """Return the object of a variable at the current point."""
        found = self.frame.variables.get(declaration.key)
        if found is not None:
            return found
        return self.static_object(declaration) if declaration.outlives_function else self.declare(declaration)

    def static_object(self, declaration: Declaration) -> MemoryObject:
        """Return the object of a global or static variable."""
        is_own = declaration.is_thread_local or self.program.is_threadprivate(declaration.key)
        shared = declaration.kind is DeclarationKind.GLOBAL and not declaration.is_internal
        key = ("global", declaration.name if shared else declaration.key)
        return MemoryObject(key, declaration.name, ObjectKind.VARIABLE, OUTSIDE, is_global=shared, is_private=is_own)

    def declare(self, declaration: Declaration) -> MemoryObject:
        """Return a new object for a local variable or parameter."""
        key = ("local", declaration.key, self.frame.path)
        found = MemoryObject(key, declaration.name, ObjectKind.VARIABLE, self.owner)
        self.frame.variables[declaration.key] = found
        self.state.forget(found)
        self.unstable.discard(found)
        return found

    def text(self, extent: Extent) -> str:
        """Return the source text of an extent on one line, cut where it is long."""
        text = " ".join(self.frame.unit.lowering.text_of(extent.file).slice(extent.start, extent.end).split())
        return text if len(text) <= 60 else f"{text[:57]}..."

    def line(self, extent: Extent) -> int:
        """Return the line on which an extent begins."""
        return self.frame.unit.lowering.text_of(extent.file).line(extent.start)

    def contents(self, container: Place, element: CType) -> Place:
        """Return the memory in which the elements of a container lie."""
        inside = container.then(CONTENTS, element)
        if container.object.kind is ObjectKind.HEAP and container.object.key[0] == "contents":
            return inside
        key = ("contents", container.object.key)
        return replace(inside, object=replace(container.object, key=key, kind=ObjectKind.HEAP))

    def holds_contents(self, type_: CType, depth: int = 0) -> bool:
        """Return True if objects of a type have memory of their own elsewhere."""
        if type_.container is not None:
            return True
        if type_.kind is TypeKind.ARRAY and type_.element is not None:
            return self.holds_contents(type_.element, depth)
        fields = self.program.fields(type_) if type_.kind is TypeKind.RECORD and depth < _DEEPEST_RECORD else None
        return any(self.holds_contents(each.type, depth + 1) for each in fields or ())

    def is_stable(self, place: Place) -> bool:
        """Return True if what the place holds is the same whenever threads of the current region look."""
        return place.object not in self.unstable

    def touch(self, place: Place, kind: AccessKind, extent: Extent) -> None:
        """Note a read or write, if a region is being recorded."""
        if self.recorder is not None and place.object.kind is not ObjectKind.TEXT:
            span = self.program.span(self.frame.unit, extent)
            is_atomic = "_Atomic" in place.type.spelling
            self.recorder.touch(place, kind, self.text(extent), span, is_atomic=is_atomic)
            if not place.type.is_scalar and self.holds_contents(place.type):
                inner = self.contents(place, place.type)
                self.recorder.touch(replace(inner, steps=()), kind, self.text(extent), span)

    def load(self, place: Place, extent: Extent) -> Abstract:
        """Return what a scalar place holds, and note the read."""
        self.touch(place, AccessKind.READ, extent)
        return self.peek(place)

    def peek(self, place: Place) -> Abstract:
        """Return what a scalar place holds."""
        cell = place.cell()
        if not self.is_stable(place):
            return self._unknown(place, None)
        if cell is not None:
            found = self.state.cells.get((place.object, cell))
            if found is not None:
                return self.numbers.pruned(found) if isinstance(found, Value) else found
        table = self.state.tables.get(place.object)
        if table is not None:
            looked_up = self._from_table(place, table)
            if looked_up is not None:
                return looked_up
        return self._unknown(place, cell)

    def _from_table(self, place: Place, table: tuple[int, ...]) -> Value | None:
        """Return the value of an element of an array whose numbers are known."""
        if len(place.steps) != 1 or len(table) > _LARGEST_TABLE or not isinstance(place.steps[0], Element):
            return None
        index = place.steps[0].value
        if not isinstance(index, Value) or index.poly is None:
            return None
        number = index.constant
        if number is not None:
            return Value.of(table[number]) if 0 <= number < len(table) else None
        text = self.facts.text(index.poly)
        if text is None or not self.facts.prove(f"0 <= {text} < {len(table)}"):
            return None
        return Value(tuple(Piece(f"{text} = {position}", Poly.of(held)) for position, held in enumerate(table)))

    def _unknown(self, place: Place, cell: tuple[int | str, ...] | None) -> Abstract:
        """Return a value for a place of which nothing is known; None for a cell that is not one fixed cell."""
        type_ = place.type
        is_fixed = cell is not None and (self.recorder is None or place.object.owner == OUTSIDE)
        if place.object.is_private:
            is_fixed = False
        value: Abstract
        if type_.kind is TypeKind.POINTER:
            value = self._pointee(place, cell if is_fixed else None)
        elif type_.is_integer and is_fixed:
            value = self.fresh(place.object.name, type_)
        else:
            return Opaque(frozenset({place.object}) if place.object.owner == OUTSIDE else frozenset())
        if is_fixed and cell is not None:
            self.state.cells[place.object, cell] = value
        return value

    def fresh(self, name: str, type_: CType) -> Value:
        """Return a new parameter of an integer type."""
        least, greatest = type_.value_range
        return Value.of(self.facts.parameter(name, name, f"{least} <= {{}} <= {greatest}"))

    def _pointee(self, place: Place, cell: tuple[int | str, ...] | None) -> Pointer:
        """Return a pointer of unknown origin: one object per fixed cell, one for all the others of an object."""
        target = pointee(place.type)
        way = (
            cell if cell is not None else tuple(step.name if isinstance(step, Field) else "[]" for step in place.steps)
        )
        # A cell that other threads change, or that is one of many, may point to anything in turn.
        is_summary = cell is None
        number = self.state_number(place, cell)
        found = MemoryObject(
            ("pointee", place.object.key, way, is_summary, number),
            f"*{place.object.name}" if not way else f"*{place.object.name}.{'.'.join(map(str, way))}",
            ObjectKind.EXTERN,
            OUTSIDE,
            is_summary=is_summary,
            may_overlap=True,
            is_restrict=place.type.is_restrict,
        )
        return Pointer((Place(found, (Element(Value.of(0)),), target),))

    def state_number(self, place: Place, cell: tuple[int | str, ...] | None) -> int:
        """Return a number that is new whenever the pointer in a cell is not the one it was before."""
        if cell is None:
            return 0
        self._pointee_count = getattr(self, "_pointee_count", 0) + 1
        return self._pointee_count

    def store(self, place: Place, value: Abstract, extent: Extent) -> None:
        """Write to a scalar place, and note it."""
        self.touch(place, AccessKind.WRITE, extent)
        self.poke(place, value)

    def poke(self, place: Place, value: Abstract) -> None:
        """Write to a place."""
        cell = place.cell()
        object_ = place.object
        if cell is None or not place.type.is_scalar:
            self.state.forget(object_)
            return
        self.state.tables.pop(object_, None)
        if object_.is_summary or object_.may_overlap:
            self.forget_overlapping(object_)
        self.drop_within(object_, cell)
        # Outside regions what is not known is a parameter when it is read.
        is_told = self.recorder is not None or not isinstance(value, Opaque)
        if object_ not in self.unstable and not object_.is_summary and is_told:
            self.state.cells[object_, cell] = value

    def drop_within(self, object_: MemoryObject, cell: tuple[int | str, ...]) -> None:
        """Drop the cells inside and around a cell that is written as a whole."""
        size = len(cell)
        for other in [known for known in self.state.cells if known[0] == object_]:
            if other[1][:size] == cell or cell[: len(other[1])] == other[1]:
                del self.state.cells[other]

    def forget_overlapping(self, object_: MemoryObject) -> None:
        """Drop what is known of the memory that a pointer of unknown origin may reach."""
        reached = [cell for cell in self.state.cells if cell[0] != object_ and self.may_be_same(object_, cell[0])]
        for cell in reached:
            del self.state.cells[cell]
        for each in [each for each in self.state.tables if self.may_be_same(object_, each)]:
            del self.state.tables[each]

    def may_be_same(self, one: MemoryObject, other: MemoryObject) -> bool:
        """Return True if two objects may be the same memory."""
        if one == other:
            return True
        if one.is_restrict or other.is_restrict:
            return False
        if ("contents", one.key) == other.key or ("contents", other.key) == one.key:
            return False  # a container's elements do not lie in the record that holds the container
        for first, second in ((one, other), (other, one)):
            if first.may_overlap:
                return second.may_overlap or second.kind is not ObjectKind.VARIABLE or self.is_exposed(second)
        return False

    def is_exposed(self, object_: MemoryObject) -> bool:
        """Return True if a pointer may reach a variable."""
        if object_.is_global:
            return True
        key = object_.key[1]
        return isinstance(key, int) and self.program.is_address_taken(key)

    def join(
        self,
        condition: str | None,
        then: State,
        otherwise: State,
        objects: frozenset[MemoryObject] = frozenset(),
    ) -> State:
        """Return what is known where either of two ways was taken.

        Args:
            condition: Formula under which ``then`` was taken; None if there is none.
            then: State at the end of one way.
            otherwise: State at the end of the other.
            objects: The memory on which it depends which way is taken.
        """
        if then.is_dead:
            return otherwise
        if otherwise.is_dead:
            return then
        result = then.copy()
        for cell in then.changed(otherwise):
            joined = self._joined(condition, then.cells.get(cell), otherwise.cells.get(cell), cell, objects)
            if joined is None:
                result.cells.pop(cell, None)
            else:
                result.cells[cell] = joined
        result.tables = {each: held for each, held in then.tables.items() if otherwise.tables.get(each) == held}
        result.threads = then.threads if then.threads == otherwise.threads else None
        return result

    def _joined(
        self,
        condition: str | None,
        then: Abstract | None,
        otherwise: Abstract | None,
        cell: Cell,
        objects: frozenset[MemoryObject],
    ) -> Abstract | None:
        if then is None or otherwise is None:
            return None
        if isinstance(then, Pointer) and isinstance(otherwise, Pointer):
            return Pointer(tuple(dict.fromkeys((*then.places, *otherwise.places))))
        for one, other in ((then, otherwise), (otherwise, then)):
            if isinstance(one, Pointer) and isinstance(other, Value) and other.constant == 0:
                return one
        if isinstance(then, Value) and isinstance(otherwise, Value) and condition is not None:
            return self.numbers.choice(condition, then, otherwise)
        for value in (then, otherwise):
            if isinstance(value, Opaque):
                objects |= value.objects
        if self.recorder is None and cell[0].owner == OUTSIDE:
            return None  # read again, it becomes a parameter
        return Opaque(objects, Code.NON_AFFINE_SUBSCRIPT, "the value depends on a condition that is not known")

    def domain(self, *formulas: str) -> str:
        """Return the formula of the current path and more."""
        return conjunction(*self.facts.path, *formulas)
