"""The memory and the symbols that a nest names: variables, their types, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopwright.core.source import Span


class ElementKind(StrEnum):
    """How the machine treats an element's bits."""

    FLOAT = "float"
    SIGNED = "signed"
    UNSIGNED = "unsigned"
    BOOL = "bool"
    POINTER = "pointer"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class ElementType:
    """A scalar C type: ``spelling`` as the compiler prints it (canonical), kind, size in bytes."""

    spelling: str
    kind: ElementKind
    size_bytes: int


class Storage(StrEnum):
    """Where a variable lives, which decides who else may see it."""

    PARAMETER = "parameter"
    LOCAL = "local"
    STATIC = "static"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Variable:
    """A scalar or an array that the nest reads or writes.

    A record's fields are variables of their own (``p.x``), over the same ``base``.

    Attributes:
        name: Unique in the nest; the user's name where possible. Two declarations of one name get ``t``, ``t_2``.
        isl_name: ``name`` as an isl identifier (letters, digits, underscores), unique in the nest.
        identifier: The C identifier as it is spelt in the source; what a clause must say.
        element: Type of one element (of the field, for a record).
        rank: Number of subscripts after delinearization; 0 for a scalar.
        extents: Per subscript, the number of elements as affine text over parameters or as C text; ``""`` where
            unknown (always so for the first subscript of a pointer). Length ``rank``.
        strides: Per subscript, the distance in elements of ``base`` as C text over parameters, where one C
            subscript was delinearized into several (``a[i*n + k]``: ``("n", "1")``); else empty.
        storage: Parameter, local, function static or global.
        is_pointer: The memory is reached through a pointer, so it may overlap other memory.
        is_restrict: That pointer is ``restrict``.
        is_const: The memory cannot be written through this name.
        base: C expression of the pointer or array that is indexed (``a``, ``s->a``), valid before the nest;
            ``""`` for memory without such an expression (``A[i]`` of a ``double **A``).
        base_element_size_bytes: ``sizeof`` of one element of ``base`` (the record's size for a field).
        scope: Name of the loop in whose body it is declared, so that each iteration has its own; None if
            declared outside the nest.
        live_out: The value may be read after the nest. True when in doubt, always for memory that outlives
            the function.
        live_in: The value before the nest may be read by it or after it. True when in doubt.
        declaration: Where it is declared; None for memory behind a pointer expression.
        address_taken: For an object that is not reached through a pointer: somewhere in the function its address is
            kept (``&x``, an array handed on or assigned as a pointer, a C++ reference bound to it), so that a pointer
            may reach it. Globals and function statics count as reachable anyway.
        is_reference: ``base`` is a C++ reference, so its address is ``&base``.
    """

    name: str
    isl_name: str
    identifier: str
    element: ElementType
    rank: int
    extents: tuple[str, ...] = ()
    strides: tuple[str, ...] = ()
    storage: Storage = Storage.LOCAL
    is_pointer: bool = False
    is_restrict: bool = False
    is_const: bool = False
    base: str = ""
    base_element_size_bytes: int = 0
    scope: str | None = None
    live_out: bool = True
    live_in: bool = True
    declaration: Span | None = None
    address_taken: bool = False
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A symbol with one fixed value throughout the nest.

    Attributes:
        name: The isl parameter's name.
        expression: C expression of its value, valid in front of the nest (``n``, ``s->n``, ``(n)*(m)``).
        element: Its type.
        is_total: The expression may be evaluated in front of the nest whatever the input; one that divides by a
            variable or reads through a pointer may not, unless the nest's root does it, too.
    """

    name: str
    expression: str
    element: ElementType
    is_total: bool = True
