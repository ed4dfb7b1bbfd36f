"""The sparse product through libraries.

The caller does not say how many columns there are, and to look for the largest would take as long as the product. So
the matrices are as wide as an index can say; of x, only what the column indices name is read.
"""

from __future__ import annotations

from typing import Any

_WIDTH = 2**31 - 1


def scipy(call: Any) -> None:
    """csr_array @ x, one thread."""
    from scipy.sparse import csr_array

    rows = call.integer("rows")
    if rows <= 0:
        return
    offset = call.array("offset", (rows + 1,))
    nonzeros = int(offset[rows])
    parts = (call.array("value", (nonzeros,)), call.array("column", (nonzeros,)), offset)
    matrix = csr_array(parts, shape=(rows, _WIDTH))
    call.array("y", (rows,))[:] = matrix @ call.array("x", (_WIDTH,))


def torch(call: Any) -> None:
    """A CSR tensor times a vector: oneMKL's sparse product on x86."""
    import torch

    rows = call.integer("rows")
    if rows <= 0:
        return
    offset = call.array("offset", (rows + 1,))
    nonzeros = int(offset[rows])
    offsets, column, value = (
        torch.from_numpy(array)
        for array in (offset, call.array("column", (nonzeros,)), call.array("value", (nonzeros,)))
    )
    x = torch.from_numpy(call.array("x", (_WIDTH,)))
    y = torch.from_numpy(call.array("y", (rows,)))
    with torch.inference_mode():
        matrix = torch.sparse_csr_tensor(offsets, column, value, (rows, _WIDTH), check_invariants=False)
        torch.mv(matrix, x, out=y)
