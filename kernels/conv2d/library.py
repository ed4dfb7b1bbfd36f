"""The convolution layer through libraries, and what tuners need to know of it."""

from __future__ import annotations

from typing import Any


def torch(call: Any) -> None:
    """oneDNN's convolution."""
    import torch

    channels, filters, height, width = (call.integer(name) for name in ("channels", "filters", "height", "width"))
    if filters <= 0 or height < 3 or width < 3:
        return
    bias = torch.from_numpy(call.array("bias", (filters,)))
    output = torch.from_numpy(call.array("output", (1, filters, height - 2, width - 2)))
    if channels == 0:
        output.copy_(bias[None, :, None, None])
        return
    image = torch.from_numpy(call.array("input", (1, channels, height, width)))
    weight = torch.from_numpy(call.array("weight", (filters, channels, 3, 3)))
    with torch.inference_mode():
        output.copy_(torch.nn.functional.conv2d(image, weight, bias))


def halide(definition: Any) -> None:
    """Sum over channels and window; the bias is where the sum starts."""
    import halide as hl

    channels, filters, height, width = (definition.size(name) for name in ("channels", "filters", "height", "width"))
    image = definition.input("input", "float32", (channels, height, width))
    weight = definition.input("weight", "float32", (filters, channels, 3, 3))
    bias = definition.input("bias", "float32", (filters,))
    x, y, f = hl.Var("x"), hl.Var("y"), hl.Var("f")
    window = hl.RDom([(0, 3), (0, 3), (0, channels)], "window")
    total, output = hl.Func("total"), hl.Func("output_")
    total[x, y, f] = bias[f]
    total[x, y, f] += image[x + window.x, y + window.y, window.z] * weight[window.x, window.y, window.z, f]
    output[x, y, f] = total[x, y, f]
    definition.output("output", output, "float32", (filters, height - 2, width - 2))


def tvm(definition: Any) -> None:
    """Sum over channels and window, then the bias."""
    from tvm import te

    channels, filters, height, width = (definition.size(name) for name in ("channels", "filters", "height", "width"))
    image = definition.input("input", "float32", (channels, height, width))
    weight = definition.input("weight", "float32", (filters, channels, 3, 3))
    bias = definition.input("bias", "float32", (filters,))
    shape = (filters, height - 2, width - 2)
    c, ky, kx = te.reduce_axis((0, channels), "c"), te.reduce_axis((0, 3), "ky"), te.reduce_axis((0, 3), "kx")
    total = te.compute(
        shape,
        lambda f, y, x: te.sum(image[c, y + ky, x + kx] * weight[f, c, ky, kx], axis=[c, ky, kx]),
        name="total",
    )
    definition.output("output", te.compute(shape, lambda f, y, x: total[f, y, x] + bias[f], name="output"))
