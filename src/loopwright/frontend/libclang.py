"""libclang's structures and functions, with their signatures; only ``clang`` builds on them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from clang import cindex  # pyright: ignore[reportMissingTypeStubs]  # the wheel has none


class StringValue(ctypes.Structure):
    """``CXString``."""

    _fields_ = [("data", ctypes.c_void_p), ("flags", ctypes.c_uint)]


class CursorValue(ctypes.Structure):
    """``CXCursor``."""

    _fields_ = [("kind", ctypes.c_int), ("xdata", ctypes.c_int), ("data", ctypes.c_void_p * 3)]


class TypeValue(ctypes.Structure):
    """``CXType``."""

    _fields_ = [("kind", ctypes.c_int), ("data", ctypes.c_void_p * 2)]


class LocationValue(ctypes.Structure):
    """``CXSourceLocation``."""

    _fields_ = [("data", ctypes.c_void_p * 2), ("number", ctypes.c_uint)]


class RangeValue(ctypes.Structure):
    """``CXSourceRange``."""

    _fields_ = [("data", ctypes.c_void_p * 2), ("begin", ctypes.c_uint), ("end", ctypes.c_uint)]


class RangeListValue(ctypes.Structure):
    """``CXSourceRangeList``."""

    _fields_ = [("count", ctypes.c_uint), ("ranges", ctypes.POINTER(RangeValue))]


VISITOR = ctypes.CFUNCTYPE(ctypes.c_int, CursorValue, CursorValue, ctypes.py_object)

# Name of the function: its result and its arguments.
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "clang_visitChildren": (ctypes.c_uint, (CursorValue, VISITOR, ctypes.py_object)),
    "clang_getTranslationUnitCursor": (CursorValue, (ctypes.c_void_p,)),
    "clang_getCursorExtent": (RangeValue, (CursorValue,)),
    "clang_getCursorLocation": (LocationValue, (CursorValue,)),
    "clang_getRangeStart": (LocationValue, (RangeValue,)),
    "clang_getRangeEnd": (LocationValue, (RangeValue,)),
    "clang_getExpansionLocation": (None, (LocationValue, *(ctypes.c_void_p,) * 4)),
    "clang_Location_isFromMainFile": (ctypes.c_int, (LocationValue,)),
    "clang_Location_isInSystemHeader": (ctypes.c_int, (LocationValue,)),
    "clang_getLocationForOffset": (LocationValue, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint)),
    "clang_getFile": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "clang_getSkippedRanges": (ctypes.POINTER(RangeListValue), (ctypes.c_void_p, ctypes.c_void_p)),
    "clang_disposeSourceRangeList": (None, (ctypes.POINTER(RangeListValue),)),
    "clang_getFileName": (StringValue, (ctypes.c_void_p,)),
    "clang_getCString": (ctypes.c_char_p, (StringValue,)),
    "clang_disposeString": (None, (StringValue,)),
    "clang_getCursorSpelling": (StringValue, (CursorValue,)),
    "clang_getCursorReferenced": (CursorValue, (CursorValue,)),
    "clang_getCursorDefinition": (CursorValue, (CursorValue,)),
    "clang_getCanonicalCursor": (CursorValue, (CursorValue,)),
    "clang_getCursorSemanticParent": (CursorValue, (CursorValue,)),
    "clang_getSpecializedCursorTemplate": (CursorValue, (CursorValue,)),
    "clang_getCursorType": (TypeValue, (CursorValue,)),
    "clang_getCanonicalType": (TypeValue, (TypeValue,)),
    "clang_getTypeSpelling": (StringValue, (TypeValue,)),
    "clang_Type_getSizeOf": (ctypes.c_longlong, (TypeValue,)),
    "clang_getPointeeType": (TypeValue, (TypeValue,)),
    "clang_getArrayElementType": (TypeValue, (TypeValue,)),
    "clang_getArraySize": (ctypes.c_longlong, (TypeValue,)),
    "clang_getResultType": (TypeValue, (TypeValue,)),
    "clang_isConstQualifiedType": (ctypes.c_uint, (TypeValue,)),
    "clang_isVolatileQualifiedType": (ctypes.c_uint, (TypeValue,)),
    "clang_isRestrictQualifiedType": (ctypes.c_uint, (TypeValue,)),
    "clang_getTypeDeclaration": (CursorValue, (TypeValue,)),
    "clang_getEnumDeclIntegerType": (TypeValue, (CursorValue,)),
    "clang_Type_getNumTemplateArguments": (ctypes.c_int, (TypeValue,)),
    "clang_Type_getTemplateArgumentAsType": (TypeValue, (TypeValue, ctypes.c_uint)),
    "clang_getEnumConstantDeclValue": (ctypes.c_longlong, (CursorValue,)),
    "clang_getCursorBinaryOperatorKind": (ctypes.c_int, (CursorValue,)),
    "clang_getBinaryOperatorKindSpelling": (StringValue, (ctypes.c_int,)),
    "clang_getCursorUnaryOperatorKind": (ctypes.c_int, (CursorValue,)),
    "clang_Cursor_getVarDeclInitializer": (CursorValue, (CursorValue,)),
    "clang_Cursor_getStorageClass": (ctypes.c_int, (CursorValue,)),
    "clang_Cursor_hasVarDeclGlobalStorage": (ctypes.c_int, (CursorValue,)),
    "clang_getCursorTLSKind": (ctypes.c_int, (CursorValue,)),
    "clang_CXXMethod_isVirtual": (ctypes.c_uint, (CursorValue,)),
    "clang_isInvalidDeclaration": (ctypes.c_uint, (CursorValue,)),
    "clang_Cursor_isBitField": (ctypes.c_uint, (CursorValue,)),
    "clang_getFieldDeclBitWidth": (ctypes.c_int, (CursorValue,)),
    "clang_getCursorPrettyPrinted": (StringValue, (CursorValue, ctypes.c_void_p)),
    "clang_Cursor_Evaluate": (ctypes.c_void_p, (CursorValue,)),
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


def text_of(string: StringValue) -> str:
    """Return the text of a string of the library, and give it back."""
    data = library()["getCString"](string)
    text = data.decode("utf-8", "surrogateescape") if data else ""
    library()["disposeString"](string)
    return text


# By source manager: the numbers of the first place in the main file and of the place behind its last byte. The library
# counts the bytes of all files through; places inside macros have numbers from 1 << 31 on.
_main_files: dict[int, tuple[int, int]] = {}
_NOWHERE = (1 << 32, 0)
_FIRST_IN_MACRO = 1 << 31


def note_main_file(unit: ctypes.c_void_p, path: str, size_bytes: int) -> None:
    """Learn how the places in the main file of a unit are numbered, so that most need not be asked for."""
    functions = library()
    file = functions["getFile"](unit, path.encode("utf-8", "surrogateescape"))
    first: LocationValue = functions["getLocationForOffset"](unit, file, 0)
    _main_files[first.data[0] or 0] = (first.number, first.number + size_bytes)


def is_in_main_file(location: LocationValue) -> bool:
    """Return True if a place is in the file that was parsed, as written there and not by a macro."""
    number: int = location.number
    first, last = _main_files.get(location.data[0] or 0, _NOWHERE)
    if number >= _FIRST_IN_MACRO or first > last:
        return bool(library()["Location_isFromMainFile"](location))
    return first <= number <= last


def offsets(extent: RangeValue) -> tuple[int, int]:
    """Return the offsets of the first byte of a range and behind its last."""
    begin: int = extent.begin
    stop: int = extent.end
    first, last = _main_files.get(extent.data[0] or 0, _NOWHERE)
    if first <= begin <= last and first <= stop <= last:
        return begin - first, max(begin, stop) - first
    functions = library()
    start, end = ctypes.c_uint(), ctypes.c_uint()
    locate = functions["getExpansionLocation"]
    locate(functions["getRangeStart"](extent), None, None, None, ctypes.byref(start))
    locate(functions["getRangeEnd"](extent), None, None, None, ctypes.byref(end))
    return start.value, max(start.value, end.value)
