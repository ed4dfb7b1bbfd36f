"""The functions of libclang with their signatures, called without the checks that slow its own package down."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from clang import cindex  # pyright: ignore[reportMissingTypeStubs]  # the wheel has none


class String(ctypes.Structure):
    """``CXString``."""

    _fields_ = [("data", ctypes.c_void_p), ("flags", ctypes.c_uint)]


class Cursor(ctypes.Structure):
    """``CXCursor``."""

    _fields_ = [("kind", ctypes.c_int), ("xdata", ctypes.c_int), ("data", ctypes.c_void_p * 3)]


class Type(ctypes.Structure):
    """``CXType``."""

    _fields_ = [("kind", ctypes.c_int), ("data", ctypes.c_void_p * 2)]


class Location(ctypes.Structure):
    """``CXSourceLocation``."""

    _fields_ = [("data", ctypes.c_void_p * 2), ("number", ctypes.c_uint)]


class Range(ctypes.Structure):
    """``CXSourceRange``."""

    _fields_ = [("data", ctypes.c_void_p * 2), ("begin", ctypes.c_uint), ("end", ctypes.c_uint)]


class RangeList(ctypes.Structure):
    """``CXSourceRangeList``."""

    _fields_ = [("count", ctypes.c_uint), ("ranges", ctypes.POINTER(Range))]


VISITOR = ctypes.CFUNCTYPE(ctypes.c_int, Cursor, Cursor, ctypes.py_object)


# Name of the function: its result and its arguments.
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "clang_visitChildren": (ctypes.c_uint, (Cursor, VISITOR, ctypes.py_object)),
    "clang_getTranslationUnitCursor": (Cursor, (ctypes.c_void_p,)),
    "clang_getCursorExtent": (Range, (Cursor,)),
    "clang_getCursorLocation": (Location, (Cursor,)),
    "clang_getRangeStart": (Location, (Range,)),
    "clang_getRangeEnd": (Location, (Range,)),
    "clang_getExpansionLocation": (None, (Location, *(ctypes.c_void_p,) * 4)),
    "clang_Location_isFromMainFile": (ctypes.c_int, (Location,)),
    "clang_getFile": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "clang_getSkippedRanges": (ctypes.POINTER(RangeList), (ctypes.c_void_p, ctypes.c_void_p)),
    "clang_disposeSourceRangeList": (None, (ctypes.POINTER(RangeList),)),
    "clang_getFileName": (String, (ctypes.c_void_p,)),
    "clang_getCString": (ctypes.c_char_p, (String,)),
    "clang_disposeString": (None, (String,)),
    "clang_getCursorSpelling": (String, (Cursor,)),
    "clang_getCursorReferenced": (Cursor, (Cursor,)),
    "clang_getCursorDefinition": (Cursor, (Cursor,)),
    "clang_getCanonicalCursor": (Cursor, (Cursor,)),
    "clang_getCursorSemanticParent": (Cursor, (Cursor,)),
    "clang_getCursorType": (Type, (Cursor,)),
    "clang_getCanonicalType": (Type, (Type,)),
    "clang_getTypeSpelling": (String, (Type,)),
    "clang_Type_getSizeOf": (ctypes.c_longlong, (Type,)),
    "clang_getPointeeType": (Type, (Type,)),
    "clang_getArrayElementType": (Type, (Type,)),
    "clang_getArraySize": (ctypes.c_longlong, (Type,)),
    "clang_getResultType": (Type, (Type,)),
    "clang_isConstQualifiedType": (ctypes.c_uint, (Type,)),
    "clang_isVolatileQualifiedType": (ctypes.c_uint, (Type,)),
    "clang_isRestrictQualifiedType": (ctypes.c_uint, (Type,)),
    "clang_getTypeDeclaration": (Cursor, (Type,)),
    "clang_getEnumDeclIntegerType": (Type, (Cursor,)),
    "clang_Type_getNumTemplateArguments": (ctypes.c_int, (Type,)),
    "clang_Type_getTemplateArgumentAsType": (Type, (Type, ctypes.c_uint)),
    "clang_getEnumConstantDeclValue": (ctypes.c_longlong, (Cursor,)),
    "clang_getCursorBinaryOperatorKind": (ctypes.c_int, (Cursor,)),
    "clang_getBinaryOperatorKindSpelling": (String, (ctypes.c_int,)),
    "clang_getCursorUnaryOperatorKind": (ctypes.c_int, (Cursor,)),
    "clang_Cursor_getVarDeclInitializer": (Cursor, (Cursor,)),
    "clang_Cursor_getStorageClass": (ctypes.c_int, (Cursor,)),
    "clang_Cursor_hasVarDeclGlobalStorage": (ctypes.c_int, (Cursor,)),
    "clang_getCursorTLSKind": (ctypes.c_int, (Cursor,)),
    "clang_CXXMethod_isVirtual": (ctypes.c_uint, (Cursor,)),
    "clang_Cursor_isBitField": (ctypes.c_uint, (Cursor,)),
    "clang_Cursor_Evaluate": (ctypes.c_void_p, (Cursor,)),
    "clang_EvalResult_getKind": (ctypes.c_int, (ctypes.c_void_p,)),
    "clang_EvalResult_isUnsignedInt": (ctypes.c_uint, (ctypes.c_void_p,)),
    "clang_EvalResult_getAsUnsigned": (ctypes.c_ulonglong, (ctypes.c_void_p,)),
    "clang_EvalResult_getAsLongLong": (ctypes.c_longlong, (ctypes.c_void_p,)),
    "clang_EvalResult_dispose": (None, (ctypes.c_void_p,)),
}


@cache
def library() -> dict[str, Callable[..., Any]]:
    """Return libclang's functions with their signatures set, without the checks that slow the package's own down."""
    library = ctypes.CDLL(cast("Any", cindex.conf).get_filename())
    functions: dict[str, Callable[..., Any]] = {}
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        functions[name.removeprefix("clang_")] = function
    return functions


def text(string: String) -> str:
    """Return the characters of a string, which is given back."""
    data = library()["getCString"](string)
    found = data.decode("utf-8", "surrogateescape") if data else ""
    library()["disposeString"](string)
    return found


def offsets(extent: Range) -> tuple[int, int]:
    """Return the offsets of the first byte of a range and behind its last."""
    functions = library()
    start, end = ctypes.c_uint(), ctypes.c_uint()
    locate = functions["getExpansionLocation"]
    locate(functions["getRangeStart"](extent), None, None, None, ctypes.byref(start))
    locate(functions["getRangeEnd"](extent), None, None, None, ctypes.byref(end))
    return start.value, max(start.value, end.value)
