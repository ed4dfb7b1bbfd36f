"""PageRank with the sparse product of a library: the iteration stays in numpy."""

from __future__ import annotations

from typing import Any


def scipy(call: Any) -> int:
    """scipy.sparse, one thread."""
    import numpy as np
    from scipy.sparse import csr_array

    n = call.integer("n")
    damping, tolerance, most = call.real("damping"), call.real("tolerance"), call.integer("max_iterations")
    rank, following = call.array("rank", (n,)), call.array("next", (n,))
    offset = call.array("offset", (n + 1,))
    edges = int(offset[n])
    out_degree = call.array("out_degree", (n,))
    links = csr_array((np.ones(edges), call.array("source", (edges,)), offset), shape=(n, n))
    dangling = out_degree == 0
    with np.errstate(divide="ignore"):
        share = 1.0 / out_degree
    rank[:] = 1.0 / n if n else 0.0
    iteration, delta = 0, tolerance + 1.0
    while iteration < most and delta > tolerance:
        base = (1.0 - damping + damping * rank[dangling].sum()) / n if n else 0.0
        np.multiply(links @ (rank * share), damping, out=following)
        following += base
        delta = float(np.abs(following - rank).sum())
        rank[:] = following
        iteration += 1
    return iteration
