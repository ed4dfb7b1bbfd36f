"""One sweep for tuners; the sweeps of a call are driven from here."""

from __future__ import annotations

from typing import Any


def drive(call: Any, program: Any) -> None:
    """Sweep from u to v and back."""
    n = call.integer("n")
    if n < 3:
        return
    u, v = call.array("u", (n, n)), call.array("v", (n, n))
    for _ in range(call.integer("sweeps")):
        program(source=u, target=v)
        program(source=v, target=u)


def halide(definition: Any) -> None:
    """The mean of five, at every point inside."""
    import halide as hl

    n = definition.size("n")
    source = definition.input("source", "float64", (n, n))
    i, j = hl.Var("i"), hl.Var("j")
    target = hl.Func("target")
    target[j, i] = hl.f64(0.2) * (
        source[j, i] + source[j - 1, i] + source[j + 1, i] + source[j, i - 1] + source[j, i + 1]
    )
    definition.output("target", target, "float64", (n, n), ((1, n - 1), (1, n - 1)))


def tvm(definition: Any) -> None:
    """The mean of five, at every point inside: a block that writes into the array, which no expression can say."""
    from tvm.script import tirx as T  # noqa: N812 - as its parser wants it

    n = definition.size("n")

    @T.prim_func(s_tir=True)
    def sweep(source: T.Buffer((n, n), "float64"), target: T.Buffer((n, n), "float64")):
        T.func_attr({"tirx.noalias": True})
        for i, j in T.grid(n - 2, n - 2):
            with T.sblock("mean"):
                y, x = T.axis.remap("SS", [i, j])
                target[y + 1, x + 1] = T.float64(0.2) * (
                    source[y + 1, x + 1]
                    + source[y + 1, x]
                    + source[y + 1, x + 2]
                    + source[y, x + 1]
                    + source[y + 2, x + 1]
                )

    definition.program(sweep, ("source", "float64", (n, n)), ("target", "float64", (n, n)))
