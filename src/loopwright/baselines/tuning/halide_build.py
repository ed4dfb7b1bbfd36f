"""The process that compiles a Halide definition: one autoscheduler, one object file with Halide's own runtime in it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from loopwright.baselines.tuning.task import OBJECT, SYMBOL, Argument, Interface, Task, load_definition, size_of

_TYPES = {"float32": ("Float", 32), "float64": ("Float", 64), "int32": ("Int", 32)}


class Definition:
    """What a ``halide(definition)`` of a ``library.py`` says of a kernel.

    Shapes are given in C order, the last index contiguous; Halide's own order is the reverse: ``a[i, j]`` in C is
    ``a[j, i]`` in the algorithm.
    """

    def __init__(self, task: Task) -> None:
        """Make an empty definition for the sizes of ``task``."""
        self._halide = _halide()
        self._sizes = dict(task.sizes)
        self.inputs: list[tuple[Argument, Any]] = []
        self.outputs: list[tuple[Argument, Any]] = []

    def size(self, name: str) -> int:
        """Return the value of an integer parameter: a constant of the program."""
        return size_of(self._sizes, name)

    def input(self, name: str, kind: str, shape: tuple[int, ...]) -> Any:
        """Return an ``ImageParam`` for the array ``name``."""
        image = self._halide.ImageParam(self._type(kind), len(shape), name)
        for place, extent in enumerate(reversed(shape)):
            image.dim(place).set_estimate(0, extent)
        _set_layout(image, Argument(name, kind, shape))
        self.inputs.append((Argument(name, kind, shape), image))
        return image

    def scalar(self, name: str, kind: str, estimate: float = 1.0) -> Any:
        """Return a ``Param`` for the floating-point argument ``name``."""
        parameter = self._halide.Param(self._type(kind), name)
        parameter.set_estimate(estimate)
        self.inputs.append((Argument(name, kind, None), parameter))
        return parameter

    def output(
        self, name: str, func: Any, kind: str, shape: tuple[int, ...], region: tuple[tuple[int, int], ...] = ()
    ) -> None:
        """Say that ``func`` is the array ``name``; with ``region``, only that part of it is computed and written."""
        self.outputs.append((Argument(name, kind, shape, region), func))

    def _type(self, kind: str) -> Any:
        name, bits = _TYPES[kind]
        return getattr(self._halide, name)(bits)


def _halide() -> Any:
    return importlib.import_module("halide")


def _set_layout(buffer: Any, argument: Argument) -> None:
    """Fix extents and strides: constants that the schedule and the compiler can use."""
    stride = 1
    for place, (extent, (low, high)) in enumerate(
        zip(reversed(argument.shape or ()), reversed(argument.bounds), strict=True)
    ):
        buffer.dim(place).set_bounds(low, high - low)
        buffer.dim(place).set_stride(stride)
        stride *= extent


def compile_program(task: Task) -> None:
    """Write the object file and the interface of the definition that ``task`` names."""
    halide = _halide()
    definition = Definition(task)
    load_definition(task)(definition)
    for argument, func in definition.outputs:
        _set_layout(func.output_buffer(), argument)
        func.set_estimates([(low, high - low) for low, high in reversed(argument.bounds)])
    pipeline = halide.Pipeline([func for _, func in definition.outputs])
    target = halide.get_host_target()
    plugin = Path(halide.__file__).parent / "lib64" / f"libautoschedule_{task.choice.lower()}.so"
    halide.load_plugin(str(plugin))
    parameters = halide.AutoschedulerParams(task.choice, {"parallelism": str(task.threads)})
    pipeline.apply_autoscheduler(target, parameters)
    folder = Path(task.folder)
    inputs = [value for _, value in definition.inputs]
    pipeline.compile_to({halide.OutputFileType.object: str(folder / OBJECT)}, inputs, SYMBOL, target)
    arguments = (*(argument for argument, _ in definition.inputs), *(argument for argument, _ in definition.outputs))
    Interface(arguments, task.sizes).write(folder)


if __name__ == "__main__":
    compile_program(Task.parse(Path(sys.argv[1]).read_text(encoding="utf-8")))
