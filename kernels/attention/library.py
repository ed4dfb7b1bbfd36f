"""Attention through libraries, and what tuners need to know of it."""

from __future__ import annotations

from typing import Any


def torch(call: Any) -> None:
    """scaled_dot_product_attention: on a processor, its flash kernel."""
    import torch

    shape = (1, call.integer("heads"), call.integer("seq"), call.integer("dim"))
    if min(shape) <= 0:
        return
    q, k, v, out = (torch.from_numpy(call.array(name, shape)) for name in ("q", "k", "v", "out"))
    with torch.inference_mode():
        out.copy_(torch.nn.functional.scaled_dot_product_attention(q, k, v))


def halide(definition: Any) -> None:
    """Scores, their softmax, and the weighted sum, as stages that the schedule may fuse."""
    import halide as hl

    heads, seq, dim = (definition.size(name) for name in ("heads", "seq", "dim"))
    shape = (heads, seq, dim)
    q, k, v = (definition.input(name, "float32", shape) for name in "qkv")
    d, j, i, h = (hl.Var(name) for name in "djih")
    over_dim, over_seq = hl.RDom([(0, dim)], "over_dim"), hl.RDom([(0, seq)], "over_seq")
    dot, largest, weight, total, out = (hl.Func(name) for name in ("dot", "largest", "weight", "total", "out_"))
    dot[j, i, h] = hl.f32(0.0)
    dot[j, i, h] += q[over_dim.x, i, h] * k[over_dim.x, j, h]
    largest[i, h] = hl.f32(-3.4e38)
    largest[i, h] = hl.max(largest[i, h], dot[over_seq.x, i, h])
    weight[j, i, h] = hl.exp((dot[j, i, h] - largest[i, h]) * hl.f32(dim**-0.5))
    total[i, h] = hl.f32(0.0)
    total[i, h] += weight[over_seq.x, i, h]
    mixed = hl.Func("mixed")
    mixed[d, i, h] = hl.f32(0.0)
    mixed[d, i, h] += weight[over_seq.x, i, h] * v[d, over_seq.x, h]
    out[d, i, h] = mixed[d, i, h] / total[i, h]
    definition.output("out", out, "float32", shape)


def tvm(definition: Any) -> None:
    """Scores, their softmax, and the weighted sum."""
    from tvm import te

    heads, seq, dim = (definition.size(name) for name in ("heads", "seq", "dim"))
    shape = (heads, seq, dim)
    q, k, v = (definition.input(name, "float32", shape) for name in "qkv")
    over_dim = te.reduce_axis((0, dim), "over_dim")
    first, second, third = (te.reduce_axis((0, seq), name) for name in ("first", "second", "third"))
    scores = (heads, seq, seq)
    dot = te.compute(scores, lambda h, i, j: te.sum(q[h, i, over_dim] * k[h, j, over_dim], axis=over_dim), name="dot")
    largest = te.compute((heads, seq), lambda h, i: te.max(dot[h, i, first], axis=first), name="largest")
    weight = te.compute(
        scores, lambda h, i, j: te.exp((dot[h, i, j] - largest[h, i]) * te.const(dim**-0.5, "float32")), name="weight"
    )
    total = te.compute((heads, seq), lambda h, i: te.sum(weight[h, i, second], axis=second), name="total")
    # Divided before the last sum, as a stage behind it is more than MetaSchedule can place.
    share = te.compute(scores, lambda h, i, j: weight[h, i, j] / total[h, i], name="share")
    out = te.compute(shape, lambda h, i, d: te.sum(share[h, i, third] * v[h, third, d], axis=third), name="out")
    definition.output("out", out)
