"""Max pooling through libraries, and what tuners need to know of it."""

from __future__ import annotations

from typing import Any


def torch(call: Any) -> None:
    """max_pool2d without the indices of the maxima."""
    import torch

    channels, height, width = (call.integer(name) for name in ("channels", "height", "width"))
    if channels <= 0 or height < 2 or width < 2:
        return
    image = torch.from_numpy(call.array("input", (1, channels, height, width)))
    output = torch.from_numpy(call.array("output", (1, channels, height // 2, width // 2)))
    with torch.inference_mode():
        output.copy_(torch.nn.functional.max_pool2d(image, 2, 2))


def halide(definition: Any) -> None:
    """The largest of four."""
    import halide as hl

    channels, height, width = (definition.size(name) for name in ("channels", "height", "width"))
    image = definition.input("input", "float32", (channels, height, width))
    x, y, c = hl.Var("x"), hl.Var("y"), hl.Var("c")
    output = hl.Func("output_")
    upper = hl.max(image[2 * x, 2 * y, c], image[2 * x + 1, 2 * y, c])
    lower = hl.max(image[2 * x, 2 * y + 1, c], image[2 * x + 1, 2 * y + 1, c])
    output[x, y, c] = hl.max(upper, lower)
    definition.output("output", output, "float32", (channels, height // 2, width // 2))


def tvm(definition: Any) -> None:
    """A reduction with max over the window."""
    from tvm import te

    channels, height, width = (definition.size(name) for name in ("channels", "height", "width"))
    image = definition.input("input", "float32", (channels, height, width))
    dy, dx = te.reduce_axis((0, 2), "dy"), te.reduce_axis((0, 2), "dx")
    definition.output(
        "output",
        te.compute(
            (channels, height // 2, width // 2),
            lambda c, y, x: te.max(image[c, 2 * y + dy, 2 * x + dx], axis=[dy, dx]),
            name="output",
        ),
    )
