/*
 * PageRank by power iteration, pull style.
 *
 * The graph is given by its incoming edges in CSR form: the nodes that link to
 * node i are source[offset[i]] .. source[offset[i + 1] - 1]. The rank of nodes
 * without outgoing edges ("dangling") is spread evenly over all nodes.
 *
 * Iterates until the ranks change by less than tolerance in the 1-norm, and at
 * most max_iterations times. Returns the number of iterations. next is work
 * space for n values.
 */

#include <math.h>

int pagerank(int n, const int *restrict offset, const int *restrict source, const int *restrict out_degree,
             double damping, double tolerance, int max_iterations, double *restrict rank, double *restrict next)
{
    int iteration = 0;
    double delta = tolerance + 1.0;

    for (int i = 0; i < n; i++)
        rank[i] = 1.0 / n;

    while (iteration < max_iterations && delta > tolerance) {
        double dangling = 0.0;
        for (int i = 0; i < n; i++)
            if (out_degree[i] == 0)
                dangling += rank[i];

        const double base = (1.0 - damping + damping * dangling) / n;
        for (int i = 0; i < n; i++) {
            double sum = 0.0;
            for (int e = offset[i]; e < offset[i + 1]; e++)
                sum += rank[source[e]] / out_degree[source[e]];
            next[i] = base + damping * sum;
        }

        delta = 0.0;
        for (int i = 0; i < n; i++) {
            delta += fabs(next[i] - rank[i]);
            rank[i] = next[i];
        }
        iteration++;
    }
    return iteration;
}
