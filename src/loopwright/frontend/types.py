"""C types as values: what the analysis must know of them and no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from loopwright.core.variable import ElementKind, ElementType
from loopwright.frontend.clang import Node, NodeType
from loopwright.frontend.special_members import is_copied_by_code


class TypeKind(Enum):
    """The families of C types that the analysis tells apart."""

    VOID = auto()
    BOOL = auto()
    INTEGER = auto()
    FLOAT = auto()
    POINTER = auto()
    REFERENCE = auto()
    ARRAY = auto()
    RECORD = auto()
    UNION = auto()
    FUNCTION = auto()
    OTHER = auto()


class Container(Enum):
    """C++ library types that behave as arrays."""

    VECTOR = auto()
    ARRAY = auto()


@dataclass(frozen=True, slots=True)
class CType:
    """A canonical C type.

    Attributes:
        kind: Its family.
        spelling: As the compiler prints it, qualifiers included.
        size_bytes: ``sizeof``; 0 where it has none that is constant.
        is_signed: Of integers.
        is_char: ``char``, ``signed char`` or ``unsigned char``, which may alias anything.
        is_const, is_volatile, is_restrict: Qualifiers.
        element: What a pointer or reference points to, what an array or container is made of, a function's result.
        count: Number of elements of an array; None if unknown or not constant.
        container: Set for ``std::vector`` and ``std::array``.
    """

    kind: TypeKind
    spelling: str
    size_bytes: int = 0
    is_signed: bool = False
    is_char: bool = False
    is_const: bool = False
    is_volatile: bool = False
    is_restrict: bool = False
    element: CType | None = None
    count: int | None = None
    container: Container | None = None

    @property
    def is_integer(self) -> bool:
        """True for integers and ``bool``."""
        return self.kind in (TypeKind.INTEGER, TypeKind.BOOL)

    @property
    def is_scalar(self) -> bool:
        """True for what one register holds."""
        return self.kind in (TypeKind.INTEGER, TypeKind.BOOL, TypeKind.FLOAT, TypeKind.POINTER)

    @property
    def is_memory(self) -> bool:
        """True for pointers, references, arrays and containers, whose elements live elsewhere than a scalar's."""
        return self.kind in (TypeKind.POINTER, TypeKind.REFERENCE, TypeKind.ARRAY) or self.container is not None

    @property
    def value_range(self) -> tuple[int, int]:
        """The least and the greatest value of an integer type."""
        if self.kind is TypeKind.BOOL:
            return 0, 1
        bits = 8 * self.size_bytes
        return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if self.is_signed else (0, (1 << bits) - 1)

    @property
    def unqualified(self) -> str:
        """The spelling without top-level qualifiers."""
        words = self.spelling
        for word in ("const ", "volatile ", "restrict "):
            words = words.replace(word, "") if self.kind is not TypeKind.POINTER else words
        return words

    @property
    def scalar(self) -> CType:
        """The type behind all pointers, references, arrays and containers."""
        kind = self
        while kind.element is not None and kind.kind is not TypeKind.FUNCTION:
            kind = kind.element
        return kind

    def element_type(self) -> ElementType:
        """Return the same as the stages after this one see it."""
        return ElementType(
            self.unqualified, _ELEMENT_KINDS.get(self.kind, self._integer_kind()), max(self.size_bytes, 0)
        )

    def _integer_kind(self) -> ElementKind:
        return ElementKind.SIGNED if self.is_signed else ElementKind.UNSIGNED


_ELEMENT_KINDS = {
    TypeKind.FLOAT: ElementKind.FLOAT,
    TypeKind.BOOL: ElementKind.BOOL,
    TypeKind.POINTER: ElementKind.POINTER,
    TypeKind.REFERENCE: ElementKind.POINTER,
    TypeKind.RECORD: ElementKind.RECORD,
    TypeKind.UNION: ElementKind.RECORD,
    TypeKind.ARRAY: ElementKind.RECORD,
    TypeKind.OTHER: ElementKind.RECORD,
    TypeKind.VOID: ElementKind.RECORD,
    TypeKind.FUNCTION: ElementKind.RECORD,
}

VOID = CType(TypeKind.VOID, "void")
INT = CType(TypeKind.INTEGER, "int", 4, True)
LONG_LONG = CType(TypeKind.INTEGER, "long long", 8, True)
UNSIGNED_LONG = CType(TypeKind.INTEGER, "unsigned long", 8)

_KIND_VOID, _KIND_BOOL = 2, 3
_UNSIGNED = frozenset({4, 5, 6, 7, 8, 9, 10, 11, 12})
_SIGNED = frozenset({13, 14, 15, 16, 17, 18, 19, 20})
_CHARACTERS = frozenset({4, 5, 13, 14})
_FLOATING = frozenset({21, 22, 23, 30, 32, 39})
_KIND_POINTER, _KIND_LVALUE_REFERENCE, _KIND_RVALUE_REFERENCE = 101, 103, 104
_KIND_RECORD, _KIND_ENUM, _KIND_COMPLEX = 105, 106, 100
_FUNCTIONS = frozenset({110, 111})
_ARRAYS = frozenset({112, 114, 115, 116})
_UNION_DECLARATION = 3
RECORDS = frozenset({2, 3, 4, 31, 32})  # structures, unions, classes, class templates
_FIELD = 6
_FIELDS = frozenset({_FIELD})
_BASES = frozenset({44, 3})  # a base class; an anonymous union among the members
_SIZED = (
    _UNSIGNED | _SIGNED | _FLOATING | _ARRAYS | {_KIND_BOOL, _KIND_POINTER, _KIND_RECORD, _KIND_ENUM, _KIND_COMPLEX}
)


@dataclass(frozen=True, slots=True)
class FieldType:
    """One member of a record."""

    name: str
    type: CType
    is_bit_field: bool


class TypeTable:
    """Converts the library's types; each once."""

    def __init__(self) -> None:
        self._types: dict[int, CType] = {}
        self._records: dict[str, NodeType] = {}

    def fields(self, record: CType) -> tuple[FieldType, ...] | None:
        """Return the members of a record; None if they are not known, or not all of what it holds."""
        node = self._records.get(record.spelling)
        definition = node.declaration().definition() if node is not None else None
        if definition is None:
            return None
        children = definition.children()
        if any(child.kind in _BASES for child in children):
            return None
        members = [child for child in children if child.kind == _FIELD]
        return tuple(FieldType(each.spelling, self.convert(each.type), each.is_bit_field) for each in members)

    def is_plain(self, type_: CType) -> bool:
        """Return True if objects of a type are made and copied without running code that somebody wrote."""
        inner = type_
        while inner.kind in (TypeKind.ARRAY, TypeKind.REFERENCE) and inner.element is not None:
            inner = inner.element
        node = self._records.get(inner.spelling)
        return node is None or not is_copied_by_code(node)

    def convert(self, node: NodeType) -> CType:
        """Return the value for ``node``."""
        found = self._types.get(node.key)
        if found is None:
            found = self._types[node.key] = self._build(node.canonical())
        return found

    def _build(self, node: NodeType) -> CType:
        kind = node.kind
        is_const, is_volatile, is_restrict = node.qualifiers

        def make(
            family: TypeKind,
            *,
            size: int = 0,
            is_signed: bool = False,
            is_char: bool = False,
            element: CType | None = None,
            count: int | None = None,
            container: Container | None = None,
        ) -> CType:
            return CType(
                family,
                node.spelling,
                size,
                is_signed,
                is_char,
                is_const,
                is_volatile,
                is_restrict,
                element,
                count,
                container,
            )

        # The library aborts when it is asked for the size of a type that has none (those of builtin functions).
        size = max(node.size_bytes, 0) if kind in _SIZED else 0
        if kind == _KIND_VOID:
            return make(TypeKind.VOID)
        if kind == _KIND_BOOL:
            return make(TypeKind.BOOL, size=size)
        if kind in _UNSIGNED or kind in _SIGNED:
            return make(TypeKind.INTEGER, size=size, is_signed=kind in _SIGNED, is_char=kind in _CHARACTERS)
        if kind in _FLOATING:
            return make(TypeKind.FLOAT, size=size)
        if kind == _KIND_POINTER:
            return make(TypeKind.POINTER, size=size, element=self.convert(node.pointee()))
        if kind in (_KIND_LVALUE_REFERENCE, _KIND_RVALUE_REFERENCE):
            return make(TypeKind.REFERENCE, size=8, element=self.convert(node.pointee()))
        if kind in _ARRAYS:
            count = node.count
            element = self.convert(node.element())
            if is_const or is_volatile:
                element = _qualified(element, is_const=is_const, is_volatile=is_volatile)
            return make(TypeKind.ARRAY, size=size, element=element, count=count if count >= 0 else None)
        if kind == _KIND_ENUM:
            held = self.convert(node.declaration().enum_type())
            return make(TypeKind.INTEGER, size=held.size_bytes, is_signed=held.is_signed)
        if kind in _FUNCTIONS:
            return make(TypeKind.FUNCTION, element=self.convert(node.result()))
        if kind == _KIND_RECORD:
            return self._record(node, size, make(TypeKind.RECORD, size=size))
        return make(TypeKind.OTHER, size=size)

    def _record(self, node: NodeType, size: int, plain: CType) -> CType:
        declaration = node.declaration()
        self._records[plain.spelling] = node
        if declaration.kind == _UNION_DECLARATION:
            return CType(TypeKind.UNION, plain.spelling, size, is_const=plain.is_const, is_volatile=plain.is_volatile)
        container = _container(declaration, plain.spelling)
        argument = node.template_argument(0) if container else None
        if argument is None:
            return plain
        element = self.convert(argument)
        count = size // element.size_bytes if container is Container.ARRAY and element.size_bytes else None
        return CType(
            TypeKind.RECORD,
            plain.spelling,
            size,
            is_const=plain.is_const,
            is_volatile=plain.is_volatile,
            element=element,
            count=count,
            container=container,
        )


def _qualified(type_: CType, *, is_const: bool, is_volatile: bool) -> CType:
    """Return the type with an array's qualifiers, which are those of its elements."""
    element = type_.element
    if type_.kind is TypeKind.ARRAY and element is not None:
        element = _qualified(element, is_const=is_const, is_volatile=is_volatile)
    return replace(
        type_, is_const=is_const or type_.is_const, is_volatile=is_volatile or type_.is_volatile, element=element
    )


def bit_storage(field: Node) -> str:
    """Return the memory location of a bit-field: the first of those in a row (C11 3.14); ``""`` for other members."""
    if not field.is_bit_field:
        return ""
    first = ""
    for member in field.parent().children_of_kind(_FIELDS):
        if not member.is_bit_field or member.bit_width == 0:
            first = ""
            continue
        first = first or f"bits of {member.spelling}"
        if member.key == field.key:
            break
    return first or f"bits of {field.spelling}"


def _container(declaration: Node, spelling: str) -> Container | None:
    names = {"vector": Container.VECTOR, "array": Container.ARRAY}
    found = names.get(declaration.spelling)
    if found is None or "std::" not in spelling or "vector<bool" in spelling:
        return None
    return found
