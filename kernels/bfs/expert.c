/*
 * Breadth-first search, level by level, bottom up, by hand.
 *
 * The frontier is a set of bits, which fits the first cache where an array of
 * flags does not. Nodes go by 64, a word of the set each. While the frontier
 * is small, hardly any node finds a predecessor in it: then the edges of all
 * 64 nodes are looked through at once, without a branch, and the nodes one by
 * one only if there was a hit.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORD 64
#define CHUNK 16     /* words that a thread takes at a time: levels are uneven */
#define SIEVE 32     /* fewer nodes of a word than this are looked at one by one anyway */
#define SERIAL 20000 /* nodes and edges below which threads cost more than they give */

static inline uint64_t bit_of(const uint64_t *set, int v) { return set[v / WORD] >> (v % WORD) & 1; }

/* Is any of source[first .. last - 1] in the set? */
static int any_in(const uint64_t *restrict set, const int *restrict source, int first, int last)
{
    uint64_t any = 0;
    for (int e = first; e < last; e++)
        any |= set[source[e] / WORD] >> (source[e] % WORD);
    return any & 1;
}

/* The nodes of todo, which start at node first, that have a predecessor in the frontier. */
static uint64_t reach(uint64_t todo, int first, const int *restrict offset, const int *restrict source,
                      const uint64_t *restrict frontier)
{
    uint64_t found = 0;
    for (; todo; todo &= todo - 1) {
        const int bit = __builtin_ctzll(todo);
        const int end = offset[first + bit + 1];
        for (int e = offset[first + bit]; e < end; e++) {
            if (bit_of(frontier, source[e])) {
                found |= (uint64_t)1 << bit;
                break;
            }
        }
    }
    return found;
}

int bfs(int n, const int *restrict offset, const int *restrict source, int root, int *restrict level,
        unsigned char *restrict frontier, unsigned char *restrict next)
{
    if (n <= 0)
        return 0;
    memset(frontier, 0, (size_t)n);
    if (root < 0 || root >= n) {
        for (int v = 0; v < n; v++)
            level[v] = -1;
        return 0;
    }
    memset(next, 0, (size_t)n);

    const int words = (n + WORD - 1) / WORD;
    uint64_t *const reached = calloc(3 * (size_t)words, sizeof *reached);
    if (!reached)
        abort();
    uint64_t *now = reached + words, *then = now + words;
    /* Bits behind the last node count as reached. */
    if (n % WORD)
        reached[words - 1] = ~(uint64_t)0 << n % WORD;
    reached[root / WORD] |= (uint64_t)1 << root % WORD;
    now[root / WORD] = (uint64_t)1 << root % WORD;

    const double edges = offset[n];
    const int is_large = n + edges > SERIAL;
#pragma omp parallel for schedule(static) if (is_large)
    for (int v = 0; v < n; v++)
        level[v] = -1;
    level[root] = 0;

    int total = 1;
    int found = 1;
    for (int depth = 1; found > 0; depth++) {
        /* Hits to expect among the edges of a word's nodes, if they were spread evenly. */
        const int is_sparse = found * (edges / n) * WORD < 0.5 * n;
        found = 0;
#pragma omp parallel for schedule(dynamic, CHUNK) reduction(+ : found) if (is_large)
        for (int word = 0; word < words; word++) {
            const int first = word * WORD;
            const uint64_t todo = ~reached[word];
            uint64_t hits = 0;
            if (todo && !(is_sparse && __builtin_popcountll(todo) >= SIEVE && first + WORD <= n &&
                          !any_in(now, source, offset[first], offset[first + WORD])))
                hits = reach(todo, first, offset, source, now);
            then[word] = hits;
            reached[word] |= hits;
            found += __builtin_popcountll(hits);
            for (; hits; hits &= hits - 1)
                level[first + __builtin_ctzll(hits)] = depth;
        }
        uint64_t *const old = now;
        now = then;
        then = old;
        total += found;
    }
    free(reached);
    return total;
}
