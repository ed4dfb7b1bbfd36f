"""What runs inside the harness's process: finds the kernel's Python function and calls it with the memory of the case.

Map: bridge.c calls ``enter`` once and what it returns on every call; a ``library.py`` meets ``Call``. Imports of a
library and everything that a ``library.py`` keeps in ``Call.kept`` fall into the call that warms up. This module is
imported in every such process, so it imports nothing but numpy.
"""

from __future__ import annotations

import ctypes
import importlib
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from loopwright.baselines.foreign.load import load_library
from loopwright.baselines.foreign.report import write_report

T = TypeVar("T")
Array = npt.NDArray[Any]
Number = int | float

DRIVER = "drive"
ALIGNMENT = 64
"""Bytes to whose multiples the harness aligns its arrays; compiled programs rely on it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the parent compiled into the harness.

    Attributes:
        library: The kernel's ``library.py``.
        method: The function in it, or, with a program, whose program it is.
        threads: That the library may use.
        folder: Where a library may keep what it finds out (plans); outlives the process.
        report: File to write after the first call, for the method's own check.
        program: Folder of a tuner's compiled program; "" for none.
        loader: Module that loads it; "" for none.
    """

    library: str
    method: str
    threads: int
    folder: str
    report: str
    program: str = ""
    loader: str = ""

    @staticmethod
    def parse(text: str) -> Request:
        """Return what ``text`` (JSON) says; only our own parent writes it."""
        values = cast("dict[str, Any]", json.loads(text))
        return Request(**{field.name: values[field.name] for field in fields(Request)})


class Program(Protocol):
    """A tuner's compiled code: called with arrays and scalars by the names of its definition."""

    def __call__(self, **values: Array | Number) -> None:
        """Run it: outputs are written in place."""
        ...

    def arguments(self) -> tuple[tuple[str, tuple[int, ...] | None], ...]:
        """Return the names of the definition, each with the shape of an array, or None for a scalar."""
        ...

    def sizes(self) -> dict[str, int]:
        """Return the sizes that it was compiled for."""
        ...


class Call:
    """One call of the kernel: its arguments by name.

    Attributes:
        threads: That the method may use.
        folder: Exists, and outlives the process: for plans that take long to find.
    """

    def __init__(self, parameters: tuple[tuple[str, str], ...], threads: int, folder: Path) -> None:
        """Make the object that all calls of a process share; ``parameters`` are names with numpy types, "" scalars."""
        self.threads = threads
        self.folder = folder
        self._places = {name: place for place, (name, _) in enumerate(parameters)}
        self._types = {name: np.dtype(kind) for name, kind in parameters if kind}
        self._values: tuple[Number, ...] = ()
        self._views: dict[tuple[str, tuple[int, ...]], tuple[int, Array]] = {}
        self._kept: dict[Hashable, Any] = {}

    def enter(self, values: tuple[Number, ...]) -> None:
        """Take the arguments of the next call, in the order of the parameters."""
        self._values = values

    def has(self, name: str) -> bool:
        """Return True if the kernel has a parameter ``name``."""
        return name in self._places

    def integer(self, name: str) -> int:
        """Return the integer argument ``name``."""
        return int(self._values[self._places[name]])

    def real(self, name: str) -> float:
        """Return the floating-point argument ``name``."""
        return float(self._values[self._places[name]])

    def address(self, name: str) -> int:
        """Return where the array ``name`` starts."""
        return int(self._values[self._places[name]])

    def array(self, name: str, shape: tuple[int, ...]) -> Array:
        """Return the memory behind the pointer ``name`` itself, row by row, as an array of the C element type.

        Nobody knows how long the memory is: ``shape`` must stay within it. Writing to an array that the kernel only
        reads is found by the comparison of the results.
        """
        address = self.address(name)
        known = self._views.get((name, shape))
        if known is not None and known[0] == address:
            return known[1]
        kind = self._types[name]
        size = prod(shape) * kind.itemsize
        memory: Any = (ctypes.c_char * size).from_address(address) if size else None
        view: Array = np.ndarray(shape, kind, memory)
        self._views[name, shape] = address, view
        return view

    def scratch(self, name: str, shape: tuple[int, ...], kind: str) -> Array:
        """Return an array of the process's own, aligned as the harness's are; it keeps what a call leaves in it."""
        return self.kept((Call.scratch, name, shape, kind), lambda: aligned_empty(shape, kind))

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` returned when ``key`` was first asked for in this process.

        For what depends on sizes and addresses alone (a plan, a compiled function), never on the values in the arrays:
        those are others in every call.
        """
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])


def aligned_empty(shape: tuple[int, ...], kind: str) -> Array:
    """Return an array with undefined values that starts at a multiple of ``ALIGNMENT``."""
    size = prod(shape) * np.dtype(kind).itemsize
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size].view(kind).reshape(shape)


def enter(request: str, parameters: tuple[tuple[str, str], ...]) -> Callable[[tuple[Number, ...]], object]:
    """Return the function that runs one call, for bridge.c."""
    wanted = Request.parse(request)
    call = Call(parameters, wanted.threads, Path(wanted.folder))
    library = load_library(Path(wanted.library))
    function = cast("Callable[[Call], object]", None if wanted.program else getattr(library, wanted.method))
    run = _program(wanted, library) if wanted.program else function
    is_reported = False

    def one(values: tuple[Number, ...]) -> object:
        nonlocal is_reported
        call.enter(values)
        result = run(call)
        if not is_reported:
            is_reported = True
            write_report(Path(wanted.report))
        return result

    return one


def _program(wanted: Request, library: ModuleType) -> Callable[[Call], object]:
    """Return what runs a tuner's program: the library's own ``drive``, or one run with the parameters' names."""
    program = cast("Program", importlib.import_module(wanted.loader).load(Path(wanted.program)))
    driver = cast("Callable[[Call, Program], object] | None", getattr(library, DRIVER, None))
    sizes = program.sizes()

    def run(call: Call) -> object:
        for name, size in sizes.items():
            if call.has(name) and call.integer(name) != size:
                raise ValueError(f"{wanted.method} compiled for {name}={size}, called with {call.integer(name)}")
        return once(call, program) if driver is None else driver(call, program)

    return run


def once(call: Call, program: Program) -> None:
    """Run ``program`` on the parameters that its definition names."""
    program(
        **{name: call.real(name) if shape is None else call.array(name, shape) for name, shape in program.arguments()}
    )
