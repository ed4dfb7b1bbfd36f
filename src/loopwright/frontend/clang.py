"""A thin typed layer over libclang: nodes, types and constants; with ``parsing`` all that calls the library.

Offsets are bytes in the file where the code is written; code that a macro produces has the
offsets of the macro's use.
"""

from __future__ import annotations

import ctypes

from loopwright.frontend.libclang import (
    VISITOR,
    CursorValue,
    TypeValue,
    is_in_main_file,
    library,
    offsets,
    text_of,
)

# CXChildVisitResult, CXEvalResultKind and CX_StorageClass of libclang.
_BREAK, _CONTINUE, _RECURSE = 0, 1, 2
_EVALUATED_INTEGER = 1
_BLOCK = frozenset({202})
_STATIC_STORAGE = 3


def _append(child: CursorValue, _parent: CursorValue, into: list[Node]) -> int:
    into.append(Node(child))  # a copy, which ctypes made
    return 1


_append_visitor = VISITOR(_append)


class _Selection:
    """Nodes of the wanted kinds, and whether a kind that ends the search was met."""

    __slots__ = ("final", "found", "met", "wanted")

    def __init__(self, wanted: frozenset[int], final: frozenset[int]) -> None:
        self.wanted = wanted
        self.final = final
        self.found: list[Node] = []
        self.met = False


def _select_child(child: CursorValue, _parent: CursorValue, selection: _Selection) -> int:
    if child.kind in selection.wanted:
        selection.found.append(Node(child))
    return _CONTINUE


def _select_below(child: CursorValue, _parent: CursorValue, selection: _Selection) -> int:
    kind = child.kind
    if kind in selection.final:
        selection.met = True
        return _BREAK
    if kind in selection.wanted:
        selection.found.append(Node(child))
    return _RECURSE


_child_selector = VISITOR(_select_child)
_selector_below = VISITOR(_select_below)


class NodeType:
    """A C type, canonical."""

    __slots__ = ("_type",)

    def __init__(self, raw: TypeValue) -> None:
        self._type = raw

    @property
    def key(self) -> int:
        """Identity within the translation unit, qualifiers included."""
        return self._type.data[0] or 0

    @property
    def kind(self) -> int:
        """libclang's number of the kind."""
        return self._type.kind

    def canonical(self) -> NodeType:
        """Return the type without typedefs."""
        return NodeType(library()["getCanonicalType"](self._type))

    @property
    def spelling(self) -> str:
        """The type as C text."""
        return text_of(library()["getTypeSpelling"](self._type))

    @property
    def size_bytes(self) -> int:
        """``sizeof``; negative if it is not a constant."""
        return library()["Type_getSizeOf"](self._type)

    def pointee(self) -> NodeType:
        """Return what a pointer or reference points to."""
        return NodeType(library()["getPointeeType"](self._type))

    def element(self) -> NodeType:
        """Return the type of an array's elements."""
        return NodeType(library()["getArrayElementType"](self._type))

    @property
    def count(self) -> int:
        """Number of elements of an array; negative if it is not a constant."""
        return library()["getArraySize"](self._type)

    def result(self) -> NodeType:
        """Return the result of a function type."""
        return NodeType(library()["getResultType"](self._type))

    def declaration(self) -> Node:
        """Return the declaration of a record or enumeration."""
        return Node(library()["getTypeDeclaration"](self._type))

    def template_argument(self, index: int) -> NodeType | None:
        """Return one type argument of a template's instance."""
        if library()["Type_getNumTemplateArguments"](self._type) <= index:
            return None
        return NodeType(library()["Type_getTemplateArgumentAsType"](self._type, index))

    @property
    def qualifiers(self) -> tuple[bool, bool, bool]:
        """Const, volatile, restrict."""
        functions = library()
        return (
            bool(functions["isConstQualifiedType"](self._type)),
            bool(functions["isVolatileQualifiedType"](self._type)),
            bool(functions["isRestrictQualifiedType"](self._type)),
        )


class Node:
    """One node of the syntax tree."""

    __slots__ = ("_cursor",)

    def __init__(self, raw: CursorValue) -> None:
        self._cursor = raw

    @property
    def kind(self) -> int:
        """libclang's number of the kind."""
        return self._cursor.kind

    @property
    def key(self) -> int:
        """Identity of a declaration within the translation unit, the same for all its redeclarations."""
        return library()["getCanonicalCursor"](self._cursor).data[0] or 0

    def children(self) -> list[Node]:
        """Return the child nodes in the library's order."""
        nodes: list[Node] = []
        library()["visitChildren"](self._cursor, _append_visitor, ctypes.py_object(nodes))
        return nodes

    def children_of_kind(self, kinds: frozenset[int]) -> list[Node]:
        """Return the child nodes of these kinds; much faster than ``children`` where they are few of many."""
        selection = _Selection(kinds, frozenset())
        library()["visitChildren"](self._cursor, _child_selector, ctypes.py_object(selection))
        return selection.found

    def has_below(self, kinds: frozenset[int]) -> bool:
        """Return True if a node of one of these kinds is inside, at whatever depth."""
        selection = _Selection(frozenset(), kinds)
        library()["visitChildren"](self._cursor, _selector_below, ctypes.py_object(selection))
        return selection.met

    def below(self, kinds: frozenset[int]) -> list[Node]:
        """Return the nodes of these kinds inside, at whatever depth."""
        selection = _Selection(kinds, frozenset())
        library()["visitChildren"](self._cursor, _selector_below, ctypes.py_object(selection))
        return selection.found

    @property
    def has_body(self) -> bool:
        """True for a function's definition."""
        return bool(self.children_of_kind(_BLOCK))

    @property
    def spelling(self) -> str:
        """Name, or ``""``."""
        return text_of(library()["getCursorSpelling"](self._cursor))

    @property
    def type(self) -> NodeType:
        """Type of an expression or declaration, not yet canonical."""
        return NodeType(library()["getCursorType"](self._cursor))

    def extent(self) -> tuple[int, int]:
        """Return the offsets of the first byte and behind the last."""
        return offsets(library()["getCursorExtent"](self._cursor))

    def file(self) -> str:
        """Return the path of the file that holds the node, or ``""``."""
        functions = library()
        handle = ctypes.c_void_p()
        location = functions["getCursorLocation"](self._cursor)
        functions["getExpansionLocation"](location, ctypes.byref(handle), None, None, None)
        return text_of(functions["getFileName"](handle)) if handle.value else ""

    @property
    def is_in_main_file(self) -> bool:
        """True if the node is written in the file that was parsed."""
        return is_in_main_file(library()["getCursorLocation"](self._cursor))

    @property
    def is_in_system_header(self) -> bool:
        """True if the node is written in a header of the system."""
        return bool(library()["Location_isInSystemHeader"](library()["getCursorLocation"](self._cursor)))

    def referenced(self) -> Node | None:
        """Return the declaration that a reference names."""
        node = Node(library()["getCursorReferenced"](self._cursor))
        return node if node.is_valid else None

    def definition(self) -> Node | None:
        """Return the definition of what is declared."""
        node = Node(library()["getCursorDefinition"](self._cursor))
        return node if node.is_valid else None

    def template(self) -> Node | None:
        """Return the template of which this is made."""
        node = Node(library()["getSpecializedCursorTemplate"](self._cursor))
        return node if node.is_valid else None

    def parent(self) -> Node:
        """Return the declaration that semantically holds this one."""
        return Node(library()["getCursorSemanticParent"](self._cursor))

    @property
    def is_valid(self) -> bool:
        """False for the library's null node."""
        return not 70 <= self._cursor.kind <= 73

    @property
    def binary_operator(self) -> str:
        """``+``, ``<``, ``=``, ``+=`` ..."""
        functions = library()
        number = functions["getCursorBinaryOperatorKind"](self._cursor)
        return text_of(functions["getBinaryOperatorKindSpelling"](number))

    @property
    def unary_operator(self) -> str:
        """``-``, ``!``, ``*`` ...; ``x++``, ``++x`` for increments."""
        number: int = library()["getCursorUnaryOperatorKind"](self._cursor)
        return _UNARY[number] if 0 <= number < len(_UNARY) else ""

    def initializer(self) -> Node | None:
        """Return a variable's initial value."""
        node = Node(library()["Cursor_getVarDeclInitializer"](self._cursor))
        return node if node.is_valid else None

    @property
    def is_static(self) -> bool:
        """True if declared ``static``."""
        return library()["Cursor_getStorageClass"](self._cursor) == _STATIC_STORAGE

    @property
    def has_global_storage(self) -> bool:
        """True for a variable that outlives its function."""
        return library()["Cursor_hasVarDeclGlobalStorage"](self._cursor) == 1

    @property
    def is_thread_local(self) -> bool:
        """True for a variable of which each thread has its own."""
        return library()["getCursorTLSKind"](self._cursor) != 0

    @property
    def is_virtual(self) -> bool:
        """True for a method that a derived class may replace."""
        return bool(library()["CXXMethod_isVirtual"](self._cursor))

    @property
    def is_invalid(self) -> bool:
        """True for a declaration that the parser could not make sense of and has put something else in place of."""
        return bool(library()["isInvalidDeclaration"](self._cursor))

    @property
    def is_bit_field(self) -> bool:
        """True for a bit-field."""
        return bool(library()["Cursor_isBitField"](self._cursor))

    @property
    def bit_width(self) -> int:
        """Number of bits of a bit-field; -1 for other members."""
        return library()["getFieldDeclBitWidth"](self._cursor)

    def has_attribute(self, name: str) -> bool:
        """Return True if a variable has, or may have, an attribute of GNU C that the parser does not expose."""
        if not self.children_of_kind(_UNEXPOSED_ATTRIBUTES):
            return False
        return f"{name}(" in text_of(library()["getCursorPrettyPrinted"](self._cursor, None))

    @property
    def enum_value(self) -> int:
        """Value of an enumeration constant."""
        return library()["getEnumConstantDeclValue"](self._cursor)

    def enum_type(self) -> NodeType:
        """Return the integer type that holds an enumeration."""
        return NodeType(library()["getEnumDeclIntegerType"](self._cursor))

    def integer(self) -> int | None:
        """Return the value of a constant integer expression, or None."""
        functions = library()
        result = functions["Cursor_Evaluate"](self._cursor)
        if not result:
            return None
        try:
            if functions["EvalResult_getKind"](result) != _EVALUATED_INTEGER:
                return None
            if functions["EvalResult_isUnsignedInt"](result):
                return functions["EvalResult_getAsUnsigned"](result)
            return functions["EvalResult_getAsLongLong"](result)
        finally:
            functions["EvalResult_dispose"](result)


_UNEXPOSED_ATTRIBUTES = frozenset({400})
_UNARY = ("", "x++", "x--", "++x", "--x", "&", "*", "+", "-", "~", "!", "__real", "__imag", "__extension__", "co_await")
