"""``kernel.toml``: what a harness cannot infer from the source. The format is described in docs/kernel-toml.md.

The file lies beside the source, and every key is optional::

    function = "spmv"                       # for files with several functions
    outputs = ["y"]                         # compare only these; without it, all memory is compared

    [sizes]
    test = [{ n = 0 }, { n = 1 }, { n = 17 }]
    measure = { n = 200000 }
    scaling = [{ n = 50000 }, { n = 800000 }]   # further sizes of a campaign

    [parameters.alpha]
    value = 1.5                             # a number or an expression over the sizes; or: range = [0, 10]

    [arrays.row]
    extent = "n + 1"
    kind = "offsets"                        # from 0 to total, never falling
    total = "nnz"

    [arrays.col]
    extent = "nnz"
    range = [0, "n"]                        # 0 <= value < n

    [tolerance]
    relative = 1e-9
    absolute = 1e-12

    [work]                                  # of one call, where it cannot be counted
    flops = "2 * nnz"
    bytes = "12 * nnz + 20 * n"

``[functions.NAME]`` holds the same keys for one function and wins over the top level.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loopwright.core.codes import Code
from loopwright.errors import UserError
from loopwright.harness.expression import ExpressionError, evaluate, names

FILE_NAME = "kernel.toml"
_MAX_BYTES = 1 << 20

T = TypeVar("T")
Sizes = tuple[tuple[str, int], ...]
Amount = int | float | str


class ArrayKind(StrEnum):
    """How the values of an array hang together."""

    ANY = "any"
    OFFSETS = "offsets"
    PERMUTATION = "permutation"
    SORTED = "sorted"
    POSITIVE = "positive"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """What the user says of one array.

    Attributes:
        extent: Number of elements (of the pointed-to type) as an expression; None to infer it.
        interval: Values ``low <= value < high``; None to infer.
        kind: Order of the values.
        total: The last value of OFFSETS.
    """

    extent: str | None = None
    interval: tuple[Amount, Amount] | None = None
    kind: ArrayKind = ArrayKind.ANY
    total: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """What the user says of one scalar: a value, or an interval to draw it from."""

    value: Amount | None = None
    interval: tuple[Amount, Amount] | None = None


@dataclass(frozen=True, slots=True)
class WorkSpec:
    """What the user says of the work of one call, as expressions; None if nothing.

    Attributes:
        flops: Floating-point operations.
        compulsory_bytes: That an unbounded cache would load and store.
    """

    flops: str | None = None
    compulsory_bytes: str | None = None


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """What the user says of a file or a function; everything may be absent.

    ``functions`` holds the tables of single functions, already merged with the top level.
    """

    function: str | None = None
    test: tuple[Sizes, ...] = ()
    measure: Sizes = ()
    scaling: tuple[Sizes, ...] = ()
    parameters: tuple[tuple[str, ParameterSpec], ...] = ()
    arrays: tuple[tuple[str, ArraySpec], ...] = ()
    outputs: tuple[str, ...] = ()
    relative: float | None = None
    absolute: float | None = None
    work: WorkSpec = WorkSpec()
    functions: tuple[tuple[str, KernelSpec], ...] = ()

    def for_function(self, name: str) -> KernelSpec:
        """Return what is said of ``name``: its own table, or the top level if that is not about another function."""
        for function, spec in self.functions:
            if function == name:
                return spec
        return self if self.function in (None, name) else KernelSpec()

    def array(self, name: str) -> ArraySpec | None:
        """Return what is said of the array ``name``, or None."""
        return dict(self.arrays).get(name)

    def parameter(self, name: str) -> ParameterSpec | None:
        """Return what is said of the scalar ``name``, or None."""
        return dict(self.parameters).get(name)


def load_spec(path: Path) -> KernelSpec:
    """Return the spec beside the source file ``path``; an empty one if there is none.

    Raises:
        UserError: The file cannot be read, or says something that it may not; the message names the key.
    """
    file = path.parent / FILE_NAME
    try:
        if not file.is_file():
            return KernelSpec()
        content = file.read_bytes()
    except OSError as error:
        raise UserError(Code.BAD_KERNEL_SPEC, f"cannot read {file}: {error.strerror}") from None
    if len(content) > _MAX_BYTES:
        raise UserError(Code.BAD_KERNEL_SPEC, f"{file} is larger than a kernel.toml can sensibly be")
    return parse_spec(content, str(file))


def parse_spec(content: bytes, origin: str = FILE_NAME) -> KernelSpec:
    """Return the spec that ``content`` holds; raises UserError as ``load_spec`` does."""
    try:
        document = tomllib.loads(content.decode("utf-8"))
        tables = _File.model_validate(document)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(Code.BAD_KERNEL_SPEC, f"{origin} is not TOML: {error}") from None
    except RecursionError:
        raise UserError(Code.BAD_KERNEL_SPEC, f"{origin} is nested too deeply") from None
    except ValidationError as error:
        raise UserError(Code.BAD_KERNEL_SPEC, f"{origin}: {_first_problem(error)}") from None
    base = tables.to_spec(KernelSpec(function=tables.function))
    named = tuple((name, table.to_spec(replace(base, function=name))) for name, table in tables.functions.items())
    return replace(base, functions=named)


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    message = (
        "there is no such key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
    )
    return f"{key}: {message}" if key else message


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Size = Annotated[int, Field(ge=0, le=1 << 40)]


class _Sizes(_Table):
    test: list[dict[str, Size]] = Field(default=[], max_length=50)
    measure: dict[str, Size] = {}
    scaling: list[dict[str, Size]] = Field(default=[], max_length=50)


class _Parameter(_Table):
    value: Amount | None = None
    range: list[Amount] | None = None

    def to_spec(self) -> ParameterSpec:
        return ParameterSpec(self.value, _interval(self.range))


class _Array(_Table):
    extent: int | str | None = None
    range: list[Amount] | None = None
    kind: str = "any"
    total: int | str | None = None

    def to_spec(self) -> ArraySpec:
        if self.kind not in tuple(ArrayKind):
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(ArrayKind)}")
        kind = ArrayKind(self.kind)
        if kind is not ArrayKind.OFFSETS and self.total is not None:
            raise ValueError("total belongs to kind = 'offsets'")
        return ArraySpec(_expression(self.extent), _interval(self.range), kind, _expression(self.total))


class _Tolerance(_Table):
    relative: float | None = Field(default=None, ge=0.0, lt=1.0, strict=False)
    absolute: float | None = Field(default=None, ge=0.0, strict=False)


class _Work(_Table):
    flops: int | str | None = None
    bytes: int | str | None = None

    def to_spec(self) -> WorkSpec:
        return WorkSpec(
            _named("flops", lambda: _expression(self.flops)), _named("bytes", lambda: _expression(self.bytes))
        )


class _Function(_Table):
    sizes: _Sizes = _Sizes()
    parameters: dict[str, _Parameter] = {}
    arrays: dict[str, _Array] = {}
    tolerance: _Tolerance = _Tolerance()
    work: _Work = _Work()
    outputs: list[str] = []

    def model_post_init(self, context: Any, /) -> None:
        """Check what the types cannot say, so that a problem is found when the file is read."""
        for name, parameter in self.parameters.items():
            _named(f"parameters.{name}", parameter.to_spec)
        for name, array in self.arrays.items():
            _named(f"arrays.{name}", array.to_spec)
        _named("work", self.work.to_spec)

    def to_spec(self, base: KernelSpec) -> KernelSpec:
        test = tuple(tuple(sorted(sizes.items())) for sizes in self.sizes.test)
        parameters = {**dict(base.parameters), **{name: item.to_spec() for name, item in self.parameters.items()}}
        arrays = {**dict(base.arrays), **{name: item.to_spec() for name, item in self.arrays.items()}}
        work = self.work.to_spec()
        return replace(
            base,
            test=test or base.test,
            measure=tuple(sorted(self.sizes.measure.items())) or base.measure,
            scaling=tuple(tuple(sorted(sizes.items())) for sizes in self.sizes.scaling) or base.scaling,
            parameters=tuple(parameters.items()),
            arrays=tuple(arrays.items()),
            outputs=tuple(self.outputs) or base.outputs,
            relative=base.relative if self.tolerance.relative is None else self.tolerance.relative,
            absolute=base.absolute if self.tolerance.absolute is None else self.tolerance.absolute,
            work=WorkSpec(work.flops or base.work.flops, work.compulsory_bytes or base.work.compulsory_bytes),
        )


class _File(_Function):
    """``title``, ``description`` and the table ``expect`` are for people and for tests; they are not read here."""

    function: str | None = None
    functions: dict[str, _Function] = {}
    title: str = ""
    description: str = ""
    expect: Any = None


def _named(key: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def _expression(text: int | str | None) -> str | None:
    if text is None:
        return None
    _check(str(text))
    return str(text)


def _interval(pair: list[Amount] | None) -> tuple[Amount, Amount] | None:
    if pair is None:
        return None
    if len(pair) != 2:
        raise ValueError("range takes two values: [low, high]")
    for end in pair:
        if isinstance(end, str):
            _check(end)
    return pair[0], pair[1]


def _check(text: str) -> None:
    try:
        evaluate(text, dict.fromkeys(names(text), 1))
    except ExpressionError as error:
        if "zero" not in str(error):
            raise ValueError(str(error)) from None
