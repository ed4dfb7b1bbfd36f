"""JSON for every value of ``core``: encode any, decode the ones that are stored or sent.

A dataclass becomes an object of its fields; a member of a closed union (a plan step, a legality)
carries its class name in lower case under ``step``. Decoding checks every type and raises
``ValueError`` with the path of the offending value; nothing is ever evaluated.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from enum import Enum
from typing import Any, TypeVar, cast

SCHEMA_VERSION = 1
KIND_KEY = "step"

T = TypeVar("T")
Json = Any


def _class_key(kind: type) -> str:
    return kind.__name__.lower()


def encode(value: object) -> Json:
    """Return ``value`` as what ``json.dumps`` takes.

    Every dataclass object carries its class name, lower case, under ``step``; so plans read naturally and
    unions decode without guessing. One that has a field of that name (``Loop``) carries the field alone.
    Bytes become text with undecodable bytes as surrogates.

    >>> from loopwright.core.plan import Simd
    >>> encode(Simd("j"))
    {'step': 'simd', 'loop': 'j'}
    """
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return pairs if KIND_KEY in pairs else {KIND_KEY: _class_key(type(value)), **pairs}
    if isinstance(value, tuple | list):
        return [encode(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in cast("dict[object, object]", value).items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"no JSON form for {type(value).__name__}")


def decode(kind: type[T], document: Json) -> T:
    """Return the ``kind`` that ``document`` describes.

    Fields that are absent take their default; unknown fields are refused.

    Raises:
        ValueError: The document does not have the shape of ``kind``; the message names the place.
    """
    return cast("T", _decode(kind, document, "$"))


def _decode(kind: Any, document: Json, path: str) -> object:
    name: str = getattr(kind, "__name__", str(kind))
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(typing.get_args(kind), document, path)
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), document, path)
    if hasattr(kind, "__supertype__"):
        return _decode(kind.__supertype__, document, path)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(document)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    if dataclasses.is_dataclass(cast("object", kind)):
        return _decode_dataclass(cast("type", kind), document, path)
    if kind is bytes and isinstance(document, str):
        return document.encode("utf-8", "surrogateescape")
    if kind is float and isinstance(document, int) and not isinstance(document, bool):
        try:
            return float(document)
        except OverflowError:
            raise ValueError(f"{path}: too large a number") from None
    if kind in (str, int, float, bool, types.NoneType) and type(document) is kind:
        return document
    raise ValueError(f"{path}: expected {name}, got {type(document).__name__}")


def _decode_union(kinds: tuple[Any, ...], document: Json, path: str) -> object:
    if isinstance(document, dict) and KIND_KEY in document:
        named = cast("dict[str, Any]", document)[KIND_KEY]
        for kind in kinds:
            if isinstance(kind, type) and _class_key(kind) == named:
                return _decode(kind, document, path)
        raise ValueError(f"{path}: unknown {KIND_KEY} {named!r}")
    for kind in kinds:
        try:
            return _decode(kind, document, path)
        except ValueError:
            continue
    raise ValueError(f"{path}: fits none of {', '.join(getattr(kind, '__name__', str(kind)) for kind in kinds)}")


def _decode_tuple(kinds: tuple[Any, ...], document: Json, path: str) -> object:
    if not isinstance(document, list):
        raise ValueError(f"{path}: expected a list, got {type(document).__name__}")
    items = cast("list[Any]", document)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item, f"{path}[{index}]") for index, item in enumerate(items))
    if len(items) != len(kinds):
        raise ValueError(f"{path}: expected {len(kinds)} items, got {len(items)}")
    return tuple(
        _decode(kind, item, f"{path}[{index}]") for index, (kind, item) in enumerate(zip(kinds, items, strict=True))
    )


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """Return the type of each field; to work them out takes longer than all the rest of decoding."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _decode_dataclass(kind: type, document: Json, path: str) -> object:
    if not isinstance(document, dict):
        raise ValueError(f"{path}: expected an object, got {type(document).__name__}")
    pairs = dict(cast("dict[str, Any]", document))
    hints = _hints(kind)
    if KIND_KEY not in hints and pairs.pop(KIND_KEY, _class_key(kind)) != _class_key(kind):
        raise ValueError(f"{path}: is not a {_class_key(kind)}")
    unknown = sorted(set(pairs) - set(hints))
    if unknown:
        raise ValueError(f"{path}: unknown field {unknown[0]!r}")
    arguments = {name: _decode(hints[name], item, f"{path}.{name}") for name, item in pairs.items()}
    try:
        return kind(**arguments)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from None
