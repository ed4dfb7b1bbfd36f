"""Variables in the symbolic run: their declarations, extents and first values."""

from __future__ import annotations

from loopwright.core.nest import AccessKind
from loopwright.frontend.affine import Value
from loopwright.frontend.openmp.jumps import Jumper
from loopwright.frontend.openmp.memory import (
    NOTHING,
    Abstract,
    MemoryObject,
    Opaque,
    Place,
    Pointer,
)
from loopwright.frontend.syntax import (
    Aggregate,
    Declaration,
    DeclarationKind,
    Expression,
    Extent,
)
from loopwright.frontend.types import TypeKind


class Declarer(Jumper):
    """Declares variables."""

    def declare_variable(self, declaration: Declaration) -> None:
        """Run the declaration of a local variable."""
        if declaration.kind is not DeclarationKind.LOCAL:
            return
        if declaration.type.kind is TypeKind.REFERENCE:
            initial = declaration.initializer
            places = self.places(initial) if initial is not None else None
            if places is not None and len(places) == 1:
                self.frame.references[declaration.key] = places[0]
            return
        object_ = self.declare(declaration)
        self.measure(declaration, object_)
        if declaration.type.is_volatile:
            self.unstable.add(object_)
        initial = declaration.initializer
        if initial is not None:
            self.initialize(Place(object_, (), declaration.type), initial, declaration.extent)

    def measure(self, declaration: Declaration, object_: MemoryObject) -> None:
        """Note the extents of an array that are not constants."""
        if not declaration.sizes:
            return
        found: dict[int, Value] = {}
        # Sizes are listed innermost first; a depth of 1 is an array of elements that are no arrays.
        for depth, size in enumerate(declaration.sizes, 1):
            value = self.number(size)
            if isinstance(value, Value):
                found[depth] = value
        self.extents[object_.key] = found

    def initialize(self, place: Place, initial: Expression, extent: Extent) -> None:
        """Give a new variable its first value."""
        if isinstance(initial, Aggregate) or place.type.kind is TypeKind.ARRAY:
            self._initialize_parts(place, initial)
            return
        if not place.type.is_scalar:
            self.evaluate(initial)
            self.touch(place, AccessKind.WRITE, extent)
            return
        value = self.evaluate(initial)
        if isinstance(value, Opaque) and place.type.is_integer and self.recorder is None:
            value = self.fresh(place.object.name, place.type)
        if isinstance(value, Value) and place.type.is_integer and initial.type.is_integer:
            value = self.numbers.converted(value, initial.type, place.type) or NOTHING
        self.store(place, value, extent)

    def _initialize_parts(self, place: Place, initial: Expression) -> None:
        self.state.forget(place.object)
        if not isinstance(initial, Aggregate):
            self.evaluate(initial)
            return
        values: list[Abstract] = [self.evaluate(item) for item in initial.items]
        numbers = [value.constant for value in values if isinstance(value, Value)]
        known = [number for number in numbers if number is not None]
        element = place.type.element
        if element is None or place.steps or place.type.kind is not TypeKind.ARRAY:
            return
        count = place.type.count or len(values)
        if element.is_integer and len(known) == len(values) and count <= 4096:
            self.state.tables[place.object] = (*known, *(0 for _ in range(count - len(known))))
        elif element.kind is TypeKind.POINTER:
            for number, value in enumerate(values):
                if isinstance(value, Pointer):
                    self.state.cells[place.object, (number,)] = value
