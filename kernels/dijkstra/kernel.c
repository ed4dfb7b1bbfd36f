/*
 * Dijkstra's shortest paths on a dense graph, O(n^2), without a heap.
 *
 * weight[u * n + v] is the length of the edge from u to v, at least 0;
 * INFINITY if there is none. On return distance[v] is the length of the
 * shortest path from source to v, INFINITY where there is no path. done is
 * work space for n flags.
 */

#include <math.h>

void dijkstra(int n, const double *weight, int source, double *distance, int *done)
{
    if (source < 0 || source >= n)
        return;

    for (int v = 0; v < n; v++) {
        distance[v] = INFINITY;
        done[v] = 0;
    }
    distance[source] = 0.0;

    for (int round = 0; round < n; round++) {
        /* The nearest node that is not settled yet. */
        int nearest = -1;
        double best = INFINITY;
        for (int v = 0; v < n; v++) {
            if (!done[v] && distance[v] < best) {
                best = distance[v];
                nearest = v;
            }
        }
        if (nearest < 0)
            break;
        done[nearest] = 1;

        /* Paths through it. */
        for (int v = 0; v < n; v++) {
            const double through = best + weight[nearest * n + v];
            if (through < distance[v])
                distance[v] = through;
        }
    }
}
