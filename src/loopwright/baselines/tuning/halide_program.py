"""Loads a compiled Halide pipeline inside the harness and calls it on raw memory, without Halide."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from loopwright.baselines.tuning.task import PROGRAM, SYMBOL, Argument, Interface

# halide_type_code_t of HalideRuntime.h
_CODES = {"i": 0, "u": 1, "f": 2}
_SCALARS: dict[str, Any] = {"float32": ctypes.c_float, "float64": ctypes.c_double, "int32": ctypes.c_int32}


class _Dimension(ctypes.Structure):
    """halide_dimension_t."""

    _fields_ = (
        ("min", ctypes.c_int32),
        ("extent", ctypes.c_int32),
        ("stride", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
    )


class _Type(ctypes.Structure):
    """halide_type_t."""

    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class _Buffer(ctypes.Structure):
    """halide_buffer_t."""

    _fields_ = (
        ("device", ctypes.c_uint64),
        ("device_interface", ctypes.c_void_p),
        ("host", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("type", _Type),
        ("dimensions", ctypes.c_int32),
        ("dim", ctypes.POINTER(_Dimension)),
        ("padding", ctypes.c_void_p),
    )


class HalideProgram:
    """A pipeline that was compiled ahead; see ``guest.Program``."""

    def __init__(self, folder: Path) -> None:
        """Load what ``halide_build`` left in ``folder``."""
        self._interface = Interface.read(folder)
        self._function: Any = getattr(ctypes.CDLL(str(folder / PROGRAM)), SYMBOL)
        self._function.restype = ctypes.c_int
        self._buffers: dict[tuple[str, int], Any] = {}

    def __call__(self, **values: npt.NDArray[Any] | float) -> None:
        """Run the pipeline; see ``guest.Program``.

        Raises:
            RuntimeError: It returned an error, after it has written to stderr which.
        """
        arguments = [self._argument(argument, values[argument.name]) for argument in self._interface.arguments]
        status = self._function(*arguments)
        if status:
            raise RuntimeError(f"the Halide pipeline returned {status}")

    def arguments(self) -> tuple[tuple[str, tuple[int, ...] | None], ...]:
        """Return names and shapes."""
        return tuple((argument.name, argument.shape) for argument in self._interface.arguments)

    def sizes(self) -> dict[str, int]:
        """Return the sizes that it was compiled for."""
        return dict(self._interface.sizes)

    def _argument(self, argument: Argument, value: npt.NDArray[Any] | float) -> Any:
        if argument.shape is None:
            return _SCALARS[argument.type](value)
        array = cast("npt.NDArray[Any]", value)
        address = array.ctypes.data
        known = self._buffers.get((argument.name, address))
        if known is None:
            known = self._buffers[argument.name, address] = ctypes.byref(_buffer(argument, array))
        return known


def _buffer(argument: Argument, array: npt.NDArray[Any]) -> _Buffer:
    kind = np.dtype(argument.type)
    if array.shape != argument.shape or array.dtype != kind or not array.flags.c_contiguous:
        raise ValueError(f"{argument.name} is {array.dtype} {array.shape}, not {kind} {argument.shape}")
    dimensions: list[_Dimension] = []
    offset, stride = 0, 1
    for extent, (low, high) in zip(reversed(array.shape), reversed(argument.bounds), strict=True):
        dimensions.append(_Dimension(low, high - low, stride, 0))
        offset += low * stride
        stride *= extent
    return _Buffer(
        0,
        None,
        array.ctypes.data + offset * kind.itemsize,
        0,
        _Type(_CODES[kind.kind], 8 * kind.itemsize, 1),
        len(dimensions),
        (_Dimension * len(dimensions))(*dimensions),
        None,
    )


def load(folder: Path) -> HalideProgram:
    """Return the program in ``folder``, for ``guest``."""
    return HalideProgram(folder)
