"""The accelerations for tuners, whose programs cannot write what they read; the step of the bodies is numpy's."""

from __future__ import annotations

from typing import Any

_AXES = "xyz"


def drive(call: Any, program: Any) -> None:
    """Find the accelerations, then move the bodies, which is n operations against n * n."""
    n, dt, softening = call.integer("n"), call.real("dt"), call.real("softening")
    if n <= 0:
        return
    place = {axis: call.array(axis, (n,)) for axis in _AXES}
    pull = {f"a{axis}": call.scratch(f"a{axis}", (n,), "float64") for axis in _AXES}
    program(mass=call.array("mass", (n,)), squared=softening * softening, **place, **pull)
    for axis in _AXES:
        velocity = call.array(f"v{axis}", (n,))
        velocity += dt * pull[f"a{axis}"]
        place[axis] += dt * velocity


def halide(definition: Any) -> None:
    """Three sums over all bodies in one update."""
    import halide as hl

    n = definition.size("n")
    mass, x, y, z = (definition.input(name, "float64", (n,)) for name in ("mass", *_AXES))
    squared = definition.scalar("squared", "float64", 0.0025)
    i, j = hl.Var("i"), hl.RDom([(0, n)], "j")
    dx, dy, dz = (axis[j.x] - axis[i] for axis in (x, y, z))
    r2 = dx * dx + dy * dy + dz * dz + squared
    factor = mass[j.x] / (r2 * hl.sqrt(r2))
    pull = hl.Func("pull")
    pull[i] = hl.Tuple([hl.f64(0.0) for _ in _AXES])
    pull[i] = hl.Tuple([pull[i][place] + factor * part for place, part in enumerate((dx, dy, dz))])
    for place, axis in enumerate(_AXES):
        out = hl.Func(f"a{axis}_")
        out[i] = pull[i][place]
        definition.output(f"a{axis}", out, "float64", (n,))


def tvm(definition: Any) -> None:
    """Three sums over all bodies in one reduction."""
    from tvm import te

    n = definition.size("n")
    mass, x, y, z = (definition.input(name, "float64", (n,)) for name in ("mass", *_AXES))
    squared = definition.scalar("squared", "float64")
    j = te.reduce_axis((0, n), "j")
    sums = te.comm_reducer(
        lambda left, right: tuple(a + b for a, b in zip(left, right, strict=True)),
        lambda *types: tuple(te.const(0.0, kind) for kind in types),
        name="sums",
    )

    def pull(i: Any) -> Any:
        dx, dy, dz = (axis[j] - axis[i] for axis in (x, y, z))
        r2 = dx * dx + dy * dy + dz * dz + squared
        factor = mass[j] / (r2 * te.sqrt(r2))
        return sums((factor * dx, factor * dy, factor * dz), axis=j)

    for axis, tensor in zip(_AXES, te.compute((n,), pull, name="pull"), strict=True):
        definition.output(f"a{axis}", tensor)
