"""What the process of a tuner is asked for, and the interface of the program that it leaves in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from loopwright.baselines.foreign.load import load_library

PROGRAM = "program.so"
OBJECT = "program.o"
SYMBOL = "lw_program"
_INTERFACE = "program.json"


@dataclass(frozen=True, slots=True)
class Task:
    """One program to make.

    Attributes:
        library: The kernel's ``library.py``.
        function: The definition in it.
        sizes: Integers of the kernel, for which the program is made.
        threads: That it will run on.
        folder: Where it goes.
        choice: Which of the tuner's ways to take (name of an autoscheduler); "" where there is one.
        budget_s: For the search.
        seed: Of the search.
    """

    library: str
    function: str
    sizes: tuple[tuple[str, int], ...]
    threads: int
    folder: str
    choice: str = ""
    budget_s: float = 0.0
    seed: int = 0

    def to_json(self) -> str:
        """Return the text that ``parse`` takes."""
        return json.dumps(asdict(self))

    @staticmethod
    def parse(text: str) -> Task:
        """Return the task of ``text``; only our own parent writes it."""
        values = cast("dict[str, Any]", json.loads(text))
        values["sizes"] = tuple((str(name), int(size)) for name, size in values["sizes"])
        return Task(**values)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a program.

    Attributes:
        name: Of the kernel's parameter, unless the library's ``drive`` calls it otherwise.
        type: ``float32``, ``float64`` or ``int32``.
        shape: Of an array, in C order; None for a scalar.
        region: First index and the one behind the last, per dimension, that the program writes; the whole array if
            empty.
    """

    name: str
    type: str
    shape: tuple[int, ...] | None
    region: tuple[tuple[int, int], ...] = ()

    @property
    def bounds(self) -> tuple[tuple[int, int], ...]:
        """Return the region, or that of the whole array."""
        return self.region or tuple((0, extent) for extent in self.shape or ())


@dataclass(frozen=True, slots=True)
class Interface:
    """How a program is called: its arguments in order, and the sizes that it was made for."""

    arguments: tuple[Argument, ...]
    sizes: tuple[tuple[str, int], ...]

    def write(self, folder: Path) -> None:
        """Put it beside the program."""
        (folder / _INTERFACE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(folder: Path) -> Interface:
        """Return what was put beside the program."""
        values = cast("dict[str, Any]", json.loads((folder / _INTERFACE).read_text(encoding="utf-8")))
        arguments = tuple(
            Argument(item["name"], item["type"], _tuple(item["shape"]), tuple((a, b) for a, b in item["region"]))
            for item in values["arguments"]
        )
        return Interface(arguments, tuple((str(name), int(size)) for name, size in values["sizes"]))


def _tuple(shape: list[int] | None) -> tuple[int, ...] | None:
    return None if shape is None else tuple(shape)


def load_definition(task: Task) -> Any:
    """Return the function of ``library.py`` that ``task`` names."""
    return getattr(load_library(Path(task.library)), task.function)


def size_of(sizes: Mapping[str, int], name: str) -> int:
    """Return a size that a definition asks for; the error names those that there are."""
    if name not in sizes:
        raise KeyError(f"no size {name!r}; there are {', '.join(sizes)}")
    return sizes[name]
