"""The variables of a nest, one for each root and path that its accesses name."""

from __future__ import annotations

from dataclasses import dataclass

from loopwright.core.codes import Code
from loopwright.core.source import Span
from loopwright.core.variable import ElementKind, ElementType, Storage, Variable
from loopwright.frontend.access import ArrayShape
from loopwright.frontend.collect import RawAccess
from loopwright.frontend.liveness import Liveness
from loopwright.frontend.parameters import NameTable
from loopwright.frontend.places import FieldStep, Index, Place
from loopwright.frontend.syntax import Declaration, DeclarationKind, Stmt
from loopwright.frontend.text import Text
from loopwright.frontend.types import TypeKind

_STORAGE = {
    DeclarationKind.PARAMETER: Storage.PARAMETER,
    DeclarationKind.LOCAL: Storage.LOCAL,
    DeclarationKind.STATIC: Storage.STATIC,
    DeclarationKind.GLOBAL: Storage.GLOBAL,
}
_BYTES = ElementType("char", ElementKind.SIGNED, 1)


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of one variable."""

    name: str
    isl_name: str


class VariableNames:
    """Gives each variable of a nest its names."""

    def __init__(self) -> None:
        self._isl = NameTable()
        self._names: dict[object, Naming] = {}
        self._taken: set[str] = set()

    def of(self, place: Place) -> Naming:
        """Return the names of the variable that a place belongs to."""
        key = variable_key(place)
        found = self._names.get(key)
        if found is None:
            wanted = place.root.name + "".join(f".{step.name}" for step in place.steps if isinstance(step, FieldStep))
            if is_overlay(place):
                wanted = f"{wanted} (bytes)"
            name, number = wanted, 2
            while name in self._taken:
                name, number = f"{wanted}_{number}", number + 1
            self._taken.add(name)
            found = self._names[key] = Naming(name, self._isl.take(name))
        return found


def is_overlay(place: Place) -> bool:
    """Return True if the place is seen through another type than its own, so that it may overlap anything."""
    return place.code is Code.REINTERPRETED_MEMORY


def variable_key(place: Place) -> object:
    """Return the identity of the variable that a place belongs to."""
    return ("bytes", place.root.key) if is_overlay(place) else place.key


class VariableBuilder:
    """Describes variables for the nest."""

    def __init__(
        self,
        liveness: Liveness | None,
        root: Stmt | None,
        scopes: dict[int, tuple[Declaration, str | None]],
        address_taken: set[int],
        texts: dict[int, Text],
    ) -> None:
        self._liveness = liveness
        self._root = root
        self._scopes = scopes
        self._address_taken = address_taken
        self._texts = texts

    def build(self, access: RawAccess, shape: ArrayShape, naming: Naming, assigned: bool) -> Variable:
        """Return the variable that an access and those like it touch."""
        place = access.place
        root, declaration = place.root, place.root.declaration
        overlay = is_overlay(place)
        storage = _STORAGE[declaration.kind] if declaration is not None else Storage.PARAMETER
        scope = (
            self._scopes[declaration.key][1] if declaration is not None and declaration.key in self._scopes else None
        )
        is_rows = root.base == "" and root.is_pointer
        live_out, live_in = self._live(declaration, root.is_pointer, scope)
        first = place.steps[0] if place.steps else None
        indexed = isinstance(first, Index)
        is_reference = declaration is not None and declaration.type.kind is TypeKind.REFERENCE
        return Variable(
            naming.name,
            naming.isl_name,
            declaration.name if declaration is not None else root.base,
            _BYTES if overlay else place.type.element_type(),
            shape.rank,
            tuple(shape.extents),
            shape.strides,
            storage,
            root.is_pointer or overlay,
            root.is_restrict and not assigned and not overlay and not is_rows,
            root.is_const,
            "" if overlay else root.base,  # bytes are not counted in elements of the base
            _stride_bytes(place) if indexed or root.is_pointer else max(root.element.size_bytes, 0),
            scope,
            live_out,
            live_in,
            self._span(declaration),
            self._is_address_taken(declaration) and not (root.is_pointer or overlay),
            is_reference and root.base.isidentifier(),
        )

    def _is_address_taken(self, declaration: Declaration | None) -> bool:
        if declaration is None:
            return True
        return declaration.key in self._address_taken or declaration.type.container is not None

    def _live(self, declaration: Declaration | None, is_pointer: bool, scope: str | None) -> tuple[bool, bool]:
        if declaration is None or is_pointer or self._liveness is None or self._root is None:
            return True, True
        if scope is not None:
            return False, False
        is_exposed = declaration.key in self._address_taken or declaration.outlives_function
        if is_exposed or declaration.type.kind is TypeKind.REFERENCE:
            return True, True
        live_out = self._liveness.is_live_out(declaration.key, self._root)
        read_first = self._liveness.is_read_first(declaration.key, self._root)
        return live_out, read_first or (live_out and self._liveness.may_keep(declaration.key, self._root))

    def iterator(self, declaration: Declaration, naming: Naming) -> Variable:
        """Return the variable of a loop's iterator."""
        scope = self._scopes[declaration.key][1] if declaration.key in self._scopes else None
        live_out, live_in = self._live(declaration, False, scope)
        return Variable(
            naming.name,
            naming.isl_name,
            declaration.name,
            declaration.type.element_type(),
            0,
            storage=_STORAGE[declaration.kind],
            base=declaration.name,
            base_element_size_bytes=declaration.type.size_bytes,
            scope=scope,
            live_out=live_out,
            live_in=live_in,
            declaration=self._span(declaration),
            address_taken=self._is_address_taken(declaration),
        )

    def _span(self, declaration: Declaration | None) -> Span | None:
        if declaration is None:
            return None
        text = self._texts.get(declaration.extent.file)
        return text.span(declaration.extent.start, declaration.extent.end) if text is not None else None


def _stride_bytes(place: Place) -> int:
    element = place.root.element
    while element.kind is TypeKind.ARRAY and element.element is not None:
        element = element.element
    return max(element.size_bytes, 0)
