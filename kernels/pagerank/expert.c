/*
 * PageRank by power iteration, pull style, by hand.
 *
 * What a node passes on along each of its edges is divided out once per node,
 * not once per edge, so that an edge costs one load from an array that mostly
 * fits the second cache. One pass over the nodes per iteration does all: new
 * ranks, their change, what dangling nodes hold, and what is passed on next.
 */

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 1024   /* nodes that a thread takes at a time: degrees differ */
#define SERIAL 20000 /* nodes and edges below which threads cost more than they give */

/* What flows into a node; two chains, as one waits for each addition. */
static double inflow(int first, int last, const int *restrict source, const double *restrict passed)
{
    double even = 0.0, odd = 0.0;
    int e = first;
    for (; e + 2 <= last; e += 2) {
        even += passed[source[e]];
        odd += passed[source[e + 1]];
    }
    if (e < last)
        even += passed[source[e]];
    return even + odd;
}

int pagerank(int n, const int *restrict offset, const int *restrict source, const int *restrict out_degree,
             double damping, double tolerance, int max_iterations, double *restrict rank, double *restrict next)
{
    int iteration = 0;
    double delta = tolerance + 1.0;
    double dangling = 0.0;
    if (n <= 0) {
        while (iteration < max_iterations && delta > tolerance) {
            delta = 0.0;
            iteration++;
        }
        return iteration;
    }

    /* Only one array more: what was passed on and what will be take turns in it and in next. */
    double *passed = next, *spare = malloc((size_t)n * sizeof *spare);
    if (!spare)
        abort();
    const int is_large = (long long)n + offset[n] > SERIAL;

#pragma omp parallel for schedule(static) reduction(+ : dangling) if (is_large)
    for (int i = 0; i < n; i++) {
        rank[i] = 1.0 / n;
        passed[i] = rank[i] / out_degree[i];
        dangling += out_degree[i] == 0 ? rank[i] : 0.0;
    }

    double *const allocated = spare;
    while (iteration < max_iterations && delta > tolerance) {
        const double base = (1.0 - damping + damping * dangling) / n;
        delta = 0.0;
        dangling = 0.0;
#pragma omp parallel for schedule(dynamic, CHUNK) reduction(+ : delta, dangling) if (is_large)
        for (int i = 0; i < n; i++) {
            const double value = base + damping * inflow(offset[i], offset[i + 1], source, passed);
            delta += fabs(value - rank[i]);
            rank[i] = value;
            spare[i] = value / out_degree[i];
            dangling += out_degree[i] == 0 ? value : 0.0;
        }
        double *const old = passed;
        passed = spare;
        spare = old;
        iteration++;
    }
    free(allocated);
    memcpy(next, rank, (size_t)n * sizeof *next);
    return iteration;
}
