/*
 * Dijkstra's shortest paths on a dense graph, O(n^2), by hand.
 *
 * Paths through a node are taken and the next nearest node is looked for in
 * one pass. An open node has its distance as key; a settled one has the key
 * INFINITY and a penalty of INFINITY, so that no path can lower it, and no
 * branch asks which is which. Each thread has a share of the nodes and all of
 * them meet once per round, after which everybody knows everybody's nearest.
 */

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) { return 1; }
static int omp_get_num_threads(void) { return 1; }
static int omp_get_thread_num(void) { return 0; }
#endif
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define STEP 32     /* nodes in one step of the pass: their minima are kept apart */
#define BLOCK 256   /* nodes in one of which the nearest is looked for */
#define SERIAL 1000 /* nodes below which threads cost more than they give */

static int smaller(int a, int b) { return a < b ? a : b; }

/* The nearest open node of a share; node is -1 if there is none. One per cache line: threads write at once. */
struct nearest {
    double key;
    int node;
    char rest[48];
};

/* Lower the keys of nodes first .. last - 1 by paths of length best to the node with these weights; give the least. */
static double relax_block(int first, int last, double best, const double *restrict weight, double *restrict key,
                          const double *restrict penalty)
{
    double least[STEP];
    for (int lane = 0; lane < STEP; lane++)
        least[lane] = INFINITY;
    int v = first;
    for (; v + STEP <= last; v += STEP) {
#pragma omp simd
        for (int lane = 0; lane < STEP; lane++) {
            const double through = best + penalty[v + lane] + weight[v + lane];
            const double lower = through < key[v + lane] ? through : key[v + lane];
            key[v + lane] = lower;
            least[lane] = lower < least[lane] ? lower : least[lane];
        }
    }
    for (; v < last; v++) {
        const double through = best + penalty[v] + weight[v];
        key[v] = through < key[v] ? through : key[v];
        least[0] = key[v] < least[0] ? key[v] : least[0];
    }
    for (int half = STEP / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            least[lane] = least[lane + half] < least[lane] ? least[lane + half] : least[lane];
    return least[0];
}

/* The same for a share of the nodes. */
static struct nearest relax(int first, int last, double best, const double *restrict weight, double *restrict key,
                            const double *restrict penalty)
{
    struct nearest found = {INFINITY, -1, {0}};
    for (int block = first; block < last; block += BLOCK) {
        const double least = relax_block(block, smaller(block + BLOCK, last), best, weight, key, penalty);
        if (least < found.key) {
            found.key = least;
            found.node = block;
        }
    }
    if (found.node >= 0)
        while (key[found.node] != found.key)
            found.node++;
    return found;
}

void dijkstra(int n, const double *weight, int source, double *distance, int *done)
{
    if (source < 0 || source >= n)
        return;

    const int threads = n < SERIAL ? 1 : smaller(omp_get_max_threads(), n / STEP);
    double *key = malloc(2 * (size_t)n * sizeof *key);
    /* Two sets in turn: who is early in a round must not write what others still read of the last. */
    struct nearest *found = malloc(2 * (size_t)threads * sizeof *found);
    if (!key || !found)
        abort();
    double *penalty = key + n;
    for (int v = 0; v < n; v++) {
        key[v] = distance[v] = INFINITY;
        penalty[v] = 0.0;
        done[v] = 0;
    }

#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        const int thread = omp_get_thread_num();
        const int count = omp_get_num_threads();
        const int first = (int)((long long)n * thread / count);
        const int last = (int)((long long)n * (thread + 1) / count);
        struct nearest nearest = {0.0, source, {0}};
        for (int round = 0; nearest.node >= 0; round++) {
            const int node = nearest.node;
            if (node >= first && node < last) {
                distance[node] = nearest.key;
                done[node] = 1;
                key[node] = penalty[node] = INFINITY;
            }
            struct nearest *all = found + (round & 1) * threads;
            all[thread] = relax(first, last, nearest.key, weight + (size_t)node * n, key, penalty);
#pragma omp barrier
            nearest = all[0];
            for (int other = 1; other < count; other++)
                if (all[other].key < nearest.key)
                    nearest = all[other];
        }
    }
    free(found);
    free(key);
}
