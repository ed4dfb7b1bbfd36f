/*
 * PageRank by power iteration, pull style, by hand.
 *
 * What a node passes on along each of its edges is divided out once per node,
 * not once per edge, so that an edge costs one load. In a large graph hardly
 * any of these loads finds a cache, so the edges are sorted by where they come
 * from, once, into segments whose nodes fit the second cache (Y. Zhang et al.,
 * Making caches work for graph analytics, 2017). Within a segment they keep
 * the order of the nodes they go to. One pass over the nodes per iteration
 * does the rest: new ranks, their change, what dangling nodes hold, and what
 * is passed on next. Each thread has nodes of its own, with as many edges.
 */

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) { return 1; }
#endif
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT 32768 /* nodes; a sorted edge names its source by 16 bits */
#define WORTH 5       /* iterations that pay for sorting */
#define SERIAL 20000  /* nodes and edges below which threads cost more than they give */

/* The nodes of one thread and the edges that go there, in part of the arrays that all threads share. */
struct share {
    int first, last;
    int *to;        /* where a sorted edge goes */
    uint16_t *from; /* where in its segment it comes from */
    int *segment;   /* the first edge of each segment, and behind them the end */
};

/* The first node whose edges start at edge e or behind it; n if there is none. */
static int node_at(int n, const int *restrict offset, long long e)
{
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (offset[middle] < e)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sort the edges of a share by segment. */
static void sort_edges(struct share share, int segments, const int *restrict offset, const int *restrict source)
{
    const int start = offset[share.first], end = offset[share.last];
    memset(share.segment, 0, (size_t)(segments + 1) * sizeof *share.segment);
    for (int e = start; e < end; e++)
        share.segment[source[e] / SEGMENT + 1]++;
    for (int s = 0; s < segments; s++)
        share.segment[s + 1] += share.segment[s];
    for (int node = share.first; node < share.last; node++) {
        for (int e = offset[node]; e < offset[node + 1]; e++) {
            const int at = share.segment[source[e] / SEGMENT]++;
            share.to[at] = node;
            share.from[at] = (uint16_t)(source[e] % SEGMENT);
        }
    }
    /* Each entry has become the start of the next segment. */
    memmove(share.segment + 1, share.segment, (size_t)segments * sizeof *share.segment);
    share.segment[0] = 0;
}

/* inflow of a share's nodes along sorted edges. */
static void pull_sorted(struct share share, int segments, const double *restrict passed, double *restrict inflow)
{
    for (int node = share.first; node < share.last; node++)
        inflow[node] = 0.0;
    for (int s = 0; s < segments; s++) {
        const double *restrict of_segment = passed + (size_t)s * SEGMENT;
        for (int at = share.segment[s]; at < share.segment[s + 1]; at++)
            inflow[share.to[at]] += of_segment[share.from[at]];
    }
}

/* The same along edges as they come; in two chains, as one waits for each addition. */
static void pull(struct share share, const int *restrict offset, const int *restrict source,
                 const double *restrict passed, double *restrict inflow)
{
    for (int node = share.first; node < share.last; node++) {
        double even = 0.0, odd = 0.0;
        int e = offset[node];
        for (; e + 2 <= offset[node + 1]; e += 2) {
            even += passed[source[e]];
            odd += passed[source[e + 1]];
        }
        if (e < offset[node + 1])
            even += passed[source[e]];
        inflow[node] = even + odd;
    }
}

int pagerank(int n, const int *restrict offset, const int *restrict source, const int *restrict out_degree,
             double damping, double tolerance, int max_iterations, double *restrict rank, double *restrict next)
{
    int iteration = 0;
    double delta = tolerance + 1.0;
    if (n <= 0) {
        while (iteration < max_iterations && delta > tolerance) {
            delta = 0.0;
            iteration++;
        }
        return iteration;
    }

    const long long edges = (long long)offset[n] - offset[0];
    const int threads = n + edges < SERIAL ? 1 : omp_get_max_threads();
    const int segments = (n - 1) / SEGMENT + 1;
    const int is_sorted = segments > 1 && max_iterations >= WORTH;
    const size_t sorted = is_sorted ? (size_t)edges : 0;
    struct share *shares = malloc((size_t)threads * sizeof *shares);
    int *segment = malloc((size_t)threads * (segments + 1) * sizeof *segment);
    int *to = malloc((sorted + 1) * sizeof *to);
    uint16_t *from = malloc((sorted + 1) * sizeof *from);
    double *passed = malloc((size_t)n * sizeof *passed);
    if (!shares || !segment || !to || !from || !passed)
        abort();

    double dangling = 0.0;
#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : dangling) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        const int first = t ? node_at(n, offset, offset[0] + edges * t / threads) : 0;
        const int last = t + 1 < threads ? node_at(n, offset, offset[0] + edges * (t + 1) / threads) : n;
        const size_t at = is_sorted ? (size_t)(offset[first] - offset[0]) : 0;
        shares[t] = (struct share){first, last, to + at, from + at, segment + (size_t)t * (segments + 1)};
        if (is_sorted)
            sort_edges(shares[t], segments, offset, source);
        for (int i = first; i < last; i++) {
            rank[i] = 1.0 / n;
            passed[i] = rank[i] / out_degree[i];
            dangling += out_degree[i] == 0 ? rank[i] : 0.0;
        }
    }

    while (iteration < max_iterations && delta > tolerance) {
        const double base = (1.0 - damping + damping * dangling) / n;
        delta = 0.0;
        dangling = 0.0;
#pragma omp parallel num_threads(threads) if (threads > 1)
        {
#pragma omp for schedule(static)
            for (int t = 0; t < threads; t++) {
                if (is_sorted)
                    pull_sorted(shares[t], segments, passed, next);
                else
                    pull(shares[t], offset, source, passed, next);
            }
#pragma omp for schedule(static) reduction(+ : delta, dangling)
            for (int i = 0; i < n; i++) {
                next[i] = base + damping * next[i];
                delta += fabs(next[i] - rank[i]);
                rank[i] = next[i];
                passed[i] = rank[i] / out_degree[i];
                dangling += out_degree[i] == 0 ? rank[i] : 0.0;
            }
        }
        iteration++;
    }
    free(passed);
    free(from);
    free(to);
    free(segment);
    free(shares);
    return iteration;
}
