"""A thin typed layer over libclang: parsing, nodes, types and constants; nothing else calls the library.

Offsets are bytes in the file where the code is written; code that a macro produces has the
offsets of the macro's use.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from clang import cindex  # pyright: ignore[reportMissingTypeStubs]  # the wheel has none

_DETAILED_PREPROCESSING = 1
_EVALUATED_INTEGER = 1
_STATIC_STORAGE = 3


class _String(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("flags", ctypes.c_uint)]


class _Cursor(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("xdata", ctypes.c_int), ("data", ctypes.c_void_p * 3)]


class _Type(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("data", ctypes.c_void_p * 2)]


class _Location(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p * 2), ("number", ctypes.c_uint)]


class _Range(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p * 2), ("begin", ctypes.c_uint), ("end", ctypes.c_uint)]


class _RangeList(ctypes.Structure):
    _fields_ = [("count", ctypes.c_uint), ("ranges", ctypes.POINTER(_Range))]


_VISITOR = ctypes.CFUNCTYPE(ctypes.c_int, _Cursor, _Cursor, ctypes.py_object)

# Name of the function: its result and its arguments.
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "clang_visitChildren": (ctypes.c_uint, (_Cursor, _VISITOR, ctypes.py_object)),
    "clang_getTranslationUnitCursor": (_Cursor, (ctypes.c_void_p,)),
    "clang_getCursorExtent": (_Range, (_Cursor,)),
    "clang_getCursorLocation": (_Location, (_Cursor,)),
    "clang_getRangeStart": (_Location, (_Range,)),
    "clang_getRangeEnd": (_Location, (_Range,)),
    "clang_getExpansionLocation": (None, (_Location, *(ctypes.c_void_p,) * 4)),
    "clang_Location_isFromMainFile": (ctypes.c_int, (_Location,)),
    "clang_getFile": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "clang_getSkippedRanges": (ctypes.POINTER(_RangeList), (ctypes.c_void_p, ctypes.c_void_p)),
    "clang_disposeSourceRangeList": (None, (ctypes.POINTER(_RangeList),)),
    "clang_getFileName": (_String, (ctypes.c_void_p,)),
    "clang_getCString": (ctypes.c_char_p, (_String,)),
    "clang_disposeString": (None, (_String,)),
    "clang_getCursorSpelling": (_String, (_Cursor,)),
    "clang_getCursorReferenced": (_Cursor, (_Cursor,)),
    "clang_getCursorDefinition": (_Cursor, (_Cursor,)),
    "clang_getCanonicalCursor": (_Cursor, (_Cursor,)),
    "clang_getCursorSemanticParent": (_Cursor, (_Cursor,)),
    "clang_getCursorType": (_Type, (_Cursor,)),
    "clang_getCanonicalType": (_Type, (_Type,)),
    "clang_getTypeSpelling": (_String, (_Type,)),
    "clang_Type_getSizeOf": (ctypes.c_longlong, (_Type,)),
    "clang_getPointeeType": (_Type, (_Type,)),
    "clang_getArrayElementType": (_Type, (_Type,)),
    "clang_getArraySize": (ctypes.c_longlong, (_Type,)),
    "clang_getResultType": (_Type, (_Type,)),
    "clang_isConstQualifiedType": (ctypes.c_uint, (_Type,)),
    "clang_isVolatileQualifiedType": (ctypes.c_uint, (_Type,)),
    "clang_isRestrictQualifiedType": (ctypes.c_uint, (_Type,)),
    "clang_getTypeDeclaration": (_Cursor, (_Type,)),
    "clang_getEnumDeclIntegerType": (_Type, (_Cursor,)),
    "clang_Type_getNumTemplateArguments": (ctypes.c_int, (_Type,)),
    "clang_Type_getTemplateArgumentAsType": (_Type, (_Type, ctypes.c_uint)),
    "clang_getEnumConstantDeclValue": (ctypes.c_longlong, (_Cursor,)),
    "clang_getCursorBinaryOperatorKind": (ctypes.c_int, (_Cursor,)),
    "clang_getBinaryOperatorKindSpelling": (_String, (ctypes.c_int,)),
    "clang_getCursorUnaryOperatorKind": (ctypes.c_int, (_Cursor,)),
    "clang_Cursor_getVarDeclInitializer": (_Cursor, (_Cursor,)),
    "clang_Cursor_getStorageClass": (ctypes.c_int, (_Cursor,)),
    "clang_Cursor_hasVarDeclGlobalStorage": (ctypes.c_int, (_Cursor,)),
    "clang_getCursorTLSKind": (ctypes.c_int, (_Cursor,)),
    "clang_CXXMethod_isVirtual": (ctypes.c_uint, (_Cursor,)),
    "clang_Cursor_isBitField": (ctypes.c_uint, (_Cursor,)),
    "clang_Cursor_Evaluate": (ctypes.c_void_p, (_Cursor,)),
    "clang_EvalResult_getKind": (ctypes.c_int, (ctypes.c_void_p,)),
    "clang_EvalResult_isUnsignedInt": (ctypes.c_uint, (ctypes.c_void_p,)),
    "clang_EvalResult_getAsUnsigned": (ctypes.c_ulonglong, (ctypes.c_void_p,)),
    "clang_EvalResult_getAsLongLong": (ctypes.c_longlong, (ctypes.c_void_p,)),
    "clang_EvalResult_dispose": (None, (ctypes.c_void_p,)),
}


@cache
def _library() -> dict[str, Callable[..., Any]]:
    """Return libclang's functions with their signatures set, without the checks that slow the package's own down."""
    library = ctypes.CDLL(cast("Any", cindex.conf).get_filename())
    functions: dict[str, Callable[..., Any]] = {}
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        functions[name.removeprefix("clang_")] = function
    return functions


def _text(string: _String) -> str:
    data = _library()["getCString"](string)
    text = data.decode("utf-8", "surrogateescape") if data else ""
    _library()["disposeString"](string)
    return text


def _append(child: _Cursor, _parent: _Cursor, into: list[Node]) -> int:
    into.append(Node(_Cursor(child.kind, child.xdata, child.data)))
    return 1


_append_visitor = _VISITOR(_append)


def _offsets(extent: _Range) -> tuple[int, int]:
    functions = _library()
    start, end = ctypes.c_uint(), ctypes.c_uint()
    locate = functions["getExpansionLocation"]
    locate(functions["getRangeStart"](extent), None, None, None, ctypes.byref(start))
    locate(functions["getRangeEnd"](extent), None, None, None, ctypes.byref(end))
    return start.value, max(start.value, end.value)


class NodeType:
    """A C type, canonical."""

    __slots__ = ("_type",)

    def __init__(self, raw: _Type) -> None:
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
        return NodeType(_library()["getCanonicalType"](self._type))

    @property
    def spelling(self) -> str:
        """The type as C text."""
        return _text(_library()["getTypeSpelling"](self._type))

    @property
    def size_bytes(self) -> int:
        """``sizeof``; negative if it is not a constant."""
        return _library()["Type_getSizeOf"](self._type)

    def pointee(self) -> NodeType:
        """Return what a pointer or reference points to."""
        return NodeType(_library()["getPointeeType"](self._type))

    def element(self) -> NodeType:
        """Return the type of an array's elements."""
        return NodeType(_library()["getArrayElementType"](self._type))

    @property
    def count(self) -> int:
        """Number of elements of an array; negative if it is not a constant."""
        return _library()["getArraySize"](self._type)

    def result(self) -> NodeType:
        """Return the result of a function type."""
        return NodeType(_library()["getResultType"](self._type))

    def declaration(self) -> Node:
        """Return the declaration of a record or enumeration."""
        return Node(_library()["getTypeDeclaration"](self._type))

    def template_argument(self, index: int) -> NodeType | None:
        """Return one type argument of a template's instance."""
        if _library()["Type_getNumTemplateArguments"](self._type) <= index:
            return None
        return NodeType(_library()["Type_getTemplateArgumentAsType"](self._type, index))

    @property
    def qualifiers(self) -> tuple[bool, bool, bool]:
        """Const, volatile, restrict."""
        functions = _library()
        return (
            bool(functions["isConstQualifiedType"](self._type)),
            bool(functions["isVolatileQualifiedType"](self._type)),
            bool(functions["isRestrictQualifiedType"](self._type)),
        )


class Node:
    """One node of the syntax tree."""

    __slots__ = ("_cursor",)

    def __init__(self, raw: _Cursor) -> None:
        self._cursor = raw

    @property
    def kind(self) -> int:
        """libclang's number of the kind."""
        return self._cursor.kind

    @property
    def key(self) -> int:
        """Identity of a declaration within the translation unit, the same for all its redeclarations."""
        return _library()["getCanonicalCursor"](self._cursor).data[0] or 0

    def children(self) -> list[Node]:
        """Return the child nodes in the library's order."""
        nodes: list[Node] = []
        _library()["visitChildren"](self._cursor, _append_visitor, ctypes.py_object(nodes))
        return nodes

    @property
    def spelling(self) -> str:
        """Name, or ``""``."""
        return _text(_library()["getCursorSpelling"](self._cursor))

    @property
    def type(self) -> NodeType:
        """Type of an expression or declaration, not yet canonical."""
        return NodeType(_library()["getCursorType"](self._cursor))

    def extent(self) -> tuple[int, int]:
        """Return the offsets of the first byte and behind the last."""
        return _offsets(_library()["getCursorExtent"](self._cursor))

    def file(self) -> str:
        """Return the path of the file that holds the node, or ``""``."""
        functions = _library()
        handle = ctypes.c_void_p()
        location = functions["getCursorLocation"](self._cursor)
        functions["getExpansionLocation"](location, ctypes.byref(handle), None, None, None)
        return _text(functions["getFileName"](handle)) if handle.value else ""

    @property
    def is_in_main_file(self) -> bool:
        """True if the node is written in the file that was parsed."""
        functions = _library()
        return bool(functions["Location_isFromMainFile"](functions["getCursorLocation"](self._cursor)))

    def referenced(self) -> Node | None:
        """Return the declaration that a reference names."""
        node = Node(_library()["getCursorReferenced"](self._cursor))
        return node if node.is_valid else None

    def definition(self) -> Node | None:
        """Return the definition of what is declared."""
        node = Node(_library()["getCursorDefinition"](self._cursor))
        return node if node.is_valid else None

    def parent(self) -> Node:
        """Return the declaration that semantically holds this one."""
        return Node(_library()["getCursorSemanticParent"](self._cursor))

    @property
    def is_valid(self) -> bool:
        """False for the library's null node."""
        return not 70 <= self._cursor.kind <= 73

    @property
    def binary_operator(self) -> str:
        """``+``, ``<``, ``=``, ``+=`` ..."""
        functions = _library()
        number = functions["getCursorBinaryOperatorKind"](self._cursor)
        return _text(functions["getBinaryOperatorKindSpelling"](number))

    @property
    def unary_operator(self) -> str:
        """``-``, ``!``, ``*`` ...; ``x++``, ``++x`` for increments."""
        number: int = _library()["getCursorUnaryOperatorKind"](self._cursor)
        return _UNARY[number] if 0 <= number < len(_UNARY) else ""

    def initializer(self) -> Node | None:
        """Return a variable's initial value."""
        node = Node(_library()["Cursor_getVarDeclInitializer"](self._cursor))
        return node if node.is_valid else None

    @property
    def is_static(self) -> bool:
        """True if declared ``static``."""
        return _library()["Cursor_getStorageClass"](self._cursor) == _STATIC_STORAGE

    @property
    def has_global_storage(self) -> bool:
        """True for a variable that outlives its function."""
        return _library()["Cursor_hasVarDeclGlobalStorage"](self._cursor) == 1

    @property
    def is_thread_local(self) -> bool:
        """True for a variable of which each thread has its own."""
        return _library()["getCursorTLSKind"](self._cursor) != 0

    @property
    def is_virtual(self) -> bool:
        """True for a method that a derived class may replace."""
        return bool(_library()["CXXMethod_isVirtual"](self._cursor))

    @property
    def is_bit_field(self) -> bool:
        """True for a bit-field."""
        return bool(_library()["Cursor_isBitField"](self._cursor))

    @property
    def enum_value(self) -> int:
        """Value of an enumeration constant."""
        return _library()["getEnumConstantDeclValue"](self._cursor)

    def enum_type(self) -> NodeType:
        """Return the integer type that holds an enumeration."""
        return NodeType(_library()["getEnumDeclIntegerType"](self._cursor))

    def integer(self) -> int | None:
        """Return the value of a constant integer expression, or None."""
        functions = _library()
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


_UNARY = ("", "x++", "x--", "++x", "--x", "&", "*", "+", "-", "~", "!", "__real", "__imag", "__extension__", "co_await")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the parser: severity from 0 (ignored) to 4 (fatal)."""

    severity: int
    text: str
    path: str
    line: int


class Parsed:
    """A parsed translation unit; nodes are valid as long as it lives."""

    def __init__(self, unit: Any) -> None:
        self._unit = unit

    def root(self) -> Node:
        """Return the node of the whole unit."""
        return Node(_library()["getTranslationUnitCursor"](self._unit.obj))

    def skipped(self, path: str) -> list[tuple[int, int]]:
        """Return the offsets of what the preprocessor left out of a file."""
        functions = _library()
        file = functions["getFile"](self._unit.obj, path.encode("utf-8", "surrogateescape"))
        if not file:
            return []
        found = functions["getSkippedRanges"](self._unit.obj, file)
        if not found:
            return []
        try:
            return [_offsets(found.contents.ranges[position]) for position in range(found.contents.count)]
        finally:
            functions["disposeSourceRangeList"](found)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield the parser's messages in order."""
        for diagnostic in self._unit.diagnostics:
            file = diagnostic.location.file
            yield Diagnostic(
                diagnostic.severity, diagnostic.spelling, str(file.name) if file else "", diagnostic.location.line
            )


def parse(
    path: str, content: bytes, arguments: tuple[str, ...], others: tuple[tuple[str, bytes], ...] = ()
) -> Parsed | None:
    """Return the parsed unit, or None if the library gives up on it.

    Args:
        path: Name of the file.
        content: Its bytes, whatever is on the disk.
        arguments: Flags of the compiler.
        others: Further files by path, which stand in for those on the disk, or need not be there at all.
    """
    index = cast("Any", cindex.Index).create()
    files = [(path, content), *others]
    try:
        unit = index.parse(path, args=list(arguments), unsaved_files=files, options=_DETAILED_PREPROCESSING)
    except cast("Any", cindex).TranslationUnitLoadError:
        return None
    return Parsed(unit)
