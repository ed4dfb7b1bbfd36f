"""Loads a compiled TVM module inside the harness and calls it on raw memory, with TVM's runtime alone."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any, cast

import numpy.typing as npt

from loopwright.baselines.foreign.guest import ALIGNMENT, aligned_empty
from loopwright.baselines.tuning.task import PROGRAM, Argument, Interface

ENTRY = "main"


class TvmProgram:
    """A module that was compiled ahead; see ``guest.Program``."""

    def __init__(self, folder: Path) -> None:
        """Load what ``tvm_build`` left in ``folder``."""
        self._interface = Interface.read(folder)
        # tvm_ffi imports torch, if it is there, for nothing that is needed here: seconds in every process.
        sys.modules["torch"] = cast("Any", None)
        self._ffi: Any = importlib.import_module("tvm_ffi")
        del sys.modules["torch"]
        spec = importlib.util.find_spec("tvm")
        if spec is None or spec.origin is None:
            raise ImportError("tvm is not installed")
        # The thread pool. Importing tvm would load its compiler as well.
        ctypes.CDLL(str(Path(spec.origin).parent / "lib" / "libtvm_runtime.so"), mode=ctypes.RTLD_GLOBAL)
        module = self._ffi.load_module(str(folder / PROGRAM))
        self._function: Any = module[ENTRY]
        self._tensors: dict[tuple[str, int], Any] = {}
        self._scalars: dict[str, npt.NDArray[Any]] = {}

    def __call__(self, **values: npt.NDArray[Any] | float) -> None:
        """Run the module; see ``guest.Program``."""
        self._function(*(self._argument(argument, values[argument.name]) for argument in self._interface.arguments))

    def arguments(self) -> tuple[tuple[str, tuple[int, ...] | None], ...]:
        """Return names and shapes."""
        return tuple((argument.name, argument.shape) for argument in self._interface.arguments)

    def sizes(self) -> dict[str, int]:
        """Return the sizes that it was compiled for."""
        return dict(self._interface.sizes)

    def _argument(self, argument: Argument, value: npt.NDArray[Any] | float) -> Any:
        if argument.shape is None:
            array = self._scalars.setdefault(argument.name, aligned_empty((1,), argument.type))
            array[0] = value
        else:
            array = cast("npt.NDArray[Any]", value)
        key = argument.name, array.ctypes.data
        if key not in self._tensors:
            self._tensors[key] = self._ffi.from_dlpack(array, require_alignment=ALIGNMENT)
        return self._tensors[key]


def load(folder: Path) -> TvmProgram:
    """Return the program in ``folder``, for ``guest``."""
    return TvmProgram(folder)
