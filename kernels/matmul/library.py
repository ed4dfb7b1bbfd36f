"""The matrix product through libraries, and what tuners need to know of it."""

from __future__ import annotations

from typing import Any


def openblas(call: Any) -> None:
    """numpy hands the product to its OpenBLAS; out= keeps it from making an array of its own."""
    import numpy as np

    n = call.integer("n")
    np.dot(call.array("a", (n, n)), call.array("b", (n, n)), out=call.array("c", (n, n)))


def torch(call: Any) -> None:
    """The dgemm that torch was built with, oneMKL on x86."""
    import torch

    n = call.integer("n")
    a, b, c = (torch.from_numpy(call.array(name, (n, n))) for name in "abc")
    torch.mm(a, b, out=c)


def halide(definition: Any) -> None:
    """Sum over k; Halide's first index is the contiguous one."""
    import halide as hl

    n = definition.size("n")
    a, b = (definition.input(name, "float64", (n, n)) for name in "ab")
    i, j, k = hl.Var("i"), hl.Var("j"), hl.RDom([(0, n)], "k")
    product, c = hl.Func("product"), hl.Func("c")
    product[j, i] = hl.f64(0.0)
    product[j, i] += a[k.x, i] * b[j, k.x]
    c[j, i] = product[j, i]
    definition.output("c", c, "float64", (n, n))


def tvm(definition: Any) -> None:
    """Sum over k."""
    from tvm import te

    n = definition.size("n")
    a, b = (definition.input(name, "float64", (n, n)) for name in "ab")
    k = te.reduce_axis((0, n), "k")
    definition.output("c", te.compute((n, n), lambda i, j: te.sum(a[i, k] * b[k, j], axis=k), name="c"))
