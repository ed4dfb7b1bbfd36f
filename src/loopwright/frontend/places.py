"""Places in memory: a root and the way from it, free of the walk's state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from loopwright.core.codes import Code
from loopwright.frontend.affine import NotAffine, Value
from loopwright.frontend.syntax import Declaration, Extent
from loopwright.frontend.types import CType


@dataclass(frozen=True, slots=True)
class Root:
    """Where a place starts.

    Attributes:
        key: Identity: two places with different keys have different roots.
        name: What to call it.
        base: C expression valid in front of the nest; ``""`` if there is none.
        declaration: The variable: the memory itself, or the pointer to it.
        is_pointer: The memory is reached through a pointer or reference.
        is_restrict, is_const: Of that pointer.
        element: Type of one element of ``base``.
        is_known: False if nothing is known of where it points.
    """

    key: object
    name: str
    base: str
    declaration: Declaration | None
    is_pointer: bool
    element: CType
    is_restrict: bool = False
    is_const: bool = False
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Index:
    """One subscript.

    Attributes:
        value: Its value, or why it has none that is usable.
        extent: Number of elements: a number, C text, or None if unknown.
        count: The extent as a value, where it is one.
        is_whole: All elements at once; ``value`` is then not used.
        is_free: Any value in range names memory of its own, so no bound need be shown (``std::vector``).
    """

    value: Value | NotAffine
    extent: str = ""
    count: Value | None = None
    is_whole: bool = False
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class FieldStep:
    """``.name``."""

    name: str


Step = Index | FieldStep


@dataclass(frozen=True, slots=True)
class Place:
    """A place in memory, or, bound to a pointer variable, where that points.

    Attributes:
        root: Where it starts.
        steps: The way from there.
        type: Of the object.
        code: Why the way is not exact; None if it is.
        reason: The same in words.
        extent: The reference in the source.
    """

    root: Root
    steps: tuple[Step, ...]
    type: CType
    extent: Extent
    code: Code | None = None
    reason: str = ""

    def then(self, step: Step, type_: CType, extent: Extent) -> Place:
        """Return the place one step on."""
        return replace(self, steps=(*self.steps, step), type=type_, extent=extent)

    @property
    def path(self) -> tuple[str, ...]:
        """The way with subscripts as ``[]``: places with equal roots and paths are elements of one variable."""
        return tuple(step.name if isinstance(step, FieldStep) else "[]" for step in self.steps)

    @property
    def indices(self) -> tuple[Index, ...]:
        """The subscripts on the way."""
        return tuple(step for step in self.steps if isinstance(step, Index))

    @property
    def key(self) -> tuple[object, tuple[str, ...]]:
        """Identity of the variable."""
        return self.root.key, self.path
