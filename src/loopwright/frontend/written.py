"""What code may do to memory, as a value: the variables, members and types that it writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from loopwright.frontend.library import MemoryUse
from loopwright.frontend.problems import Problem
from loopwright.frontend.syntax import Declaration
from loopwright.frontend.types import CType, TypeKind

ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the user's flags say of the language.

    Attributes:
        is_cxx: C++.
        is_strict_aliasing: An object is accessed through its own type only (no ``-fno-strict-aliasing``).
        signed_wraps: Signed arithmetic wraps around (``-fwrapv``), so that overflow may not be assumed away.
    """

    is_cxx: bool = False
    is_strict_aliasing: bool = True
    signed_wraps: bool = False


@dataclass(slots=True)
class Effects:
    """What code may do.

    Attributes:
        written: Keys of the variables that are assigned by name, or of which an element or field is.
        fields: Record and field of every member that is assigned.
        types: Types assigned through pointers and references; ``ANYTHING`` if that cannot be told.
        all_types: Types of everything assigned, by name too.
        declared: Keys of the variables declared inside.
        writes: How often each variable is assigned by name, its initializer counted.
        statements: How many statements there are, helpers aside.
        declared_at: Number of the statement that declares each variable, in textual order, helpers aside.
        last_written_at: Number of the last statement that assigns each variable by name, helpers aside.
        called: Names of the functions called, helpers included.
        touched: Global and static variables read or written.
        problems: Constructs that forbid a nest, in textual order.
        library: What functions of the C library that are not pure do to memory.
    """

    written: set[int] = field(default_factory=set[int])
    fields: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    types: set[str] = field(default_factory=set[str])
    all_types: set[str] = field(default_factory=set[str])
    declared: set[int] = field(default_factory=set[int])
    writes: dict[int, int] = field(default_factory=dict[int, int])
    statements: int = 0
    declared_at: dict[int, int] = field(default_factory=dict[int, int])
    last_written_at: dict[int, int] = field(default_factory=dict[int, int])
    called: dict[str, None] = field(default_factory=dict[str, None])
    touched: dict[int, Declaration] = field(default_factory=dict[int, Declaration])
    problems: list[Problem] = field(default_factory=list[Problem])
    is_strict_aliasing: bool = True
    library: set[MemoryUse] = field(default_factory=set[MemoryUse])

    @property
    def releases(self) -> bool:
        """Return True if memory may be given back to the allocator."""
        return MemoryUse.RELEASE in self.library

    def may_write_type(self, type_: CType) -> bool:
        """Return True if a write through some pointer may change an object of this type."""
        if not self.types:
            return False
        if not self.is_strict_aliasing or ANYTHING in self.types:
            return True
        return type_name(type_) in self.types

    def may_write_memory(self, type_: CType) -> bool:
        """Return True if some write, through a pointer or by name, may change what a pointer of this type reaches."""
        if not self.all_types:
            return False
        return not self.is_strict_aliasing or bool({ANYTHING, type_name(type_)} & self.all_types)

    def may_write_behind_pointer(self, type_: CType) -> bool:
        """Return True if some write other than to another variable by name may change a variable of this type."""
        # A member may be written through a pointer to the record or by name; which, is not noted.
        return self.may_write_type(type_) or (bool(self.fields) and self.may_write_memory(type_))


def type_name(type_: CType) -> str:
    """Return the name under which the aliasing rules see a type: signs and qualifiers aside."""
    if type_.is_char:
        return ANYTHING
    if type_.kind in (TypeKind.POINTER, TypeKind.REFERENCE):
        return "pointer"
    if type_.kind is TypeKind.INTEGER:
        return f"integer {type_.size_bytes}"
    return type_.unqualified.replace("const ", "").replace("volatile ", "")
