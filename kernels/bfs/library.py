"""Breadth-first search through scipy.sparse.csgraph."""

from __future__ import annotations

from typing import Any


def scipy(call: Any) -> int:
    """breadth_first_order, one thread.

    It follows outgoing edges where the kernel is given incoming ones, so the graph is transposed first. Levels are
    found from the order and the predecessors: the nodes of a level follow one another, and so do their predecessors.
    """
    import numpy as np
    from scipy.sparse import csc_array
    from scipy.sparse.csgraph import breadth_first_order

    n, root = call.integer("n"), call.integer("root")
    level = call.array("level", (n,))
    level[:] = -1
    frontier = call.array("frontier", (n,))
    frontier[:] = 0
    if root < 0 or root >= n:
        return 0
    call.array("next", (n,))[:] = 0
    offset = call.array("offset", (n + 1,))
    edges = int(offset[n])
    graph = csc_array((np.ones(edges, np.int8), call.array("source", (edges,)), offset), shape=(n, n)).tocsr()
    order, predecessors = breadth_first_order(graph, root, directed=True, return_predecessors=True)
    place = np.empty(n, np.int64)
    place[order] = np.arange(len(order))
    parents = place[predecessors[order[1:]]]
    depth, start, end = 0, 0, 1
    while start < end:
        level[order[start:end]] = depth
        start, end, depth = end, 1 + int(np.searchsorted(parents, end)), depth + 1
    return len(order)
