"""Shortest paths through scipy.sparse.csgraph."""

from __future__ import annotations

from typing import Any


def scipy(call: Any) -> None:
    """dijkstra with a heap, one thread; the dense matrix becomes a sparse one first, edges of length 0 included."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    n, source = call.integer("n"), call.integer("source")
    if source < 0 or source >= n:
        return
    weight = call.array("weight", (n, n))
    edges = np.isfinite(weight)
    offset = np.zeros(n + 1, np.int32)
    np.cumsum(edges.sum(axis=1), out=offset[1:])
    graph = csr_array((weight[edges], np.nonzero(edges)[1].astype(np.int32), offset), shape=(n, n))
    distance = call.array("distance", (n,))
    distance[:] = dijkstra(graph, indices=source)
    call.array("done", (n,))[:] = np.isfinite(distance)
