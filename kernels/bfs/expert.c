/*
 * Breadth-first search, level by level, bottom up, by hand.
 *
 * The frontier is a set of bits, which fits the first cache where an array of
 * flags does not. Nodes go by 32, a word of the set each, and how their edges
 * are looked through depends on the size of the frontier. A few nodes: all
 * edges are compared with them, a vector at a time, and hardly ever more needs
 * to be done. A small part of all nodes: hits are collected without a branch,
 * 32 edges at a time, and their nodes are found afterwards. A large part: each
 * node's edges one by one, up to the first hit.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORD 32
#define FEW 4        /* frontiers of so many nodes are compared with */
#define THIN 8       /* one node in so many, or fewer, in the frontier: hits are collected */
#define MANY 12      /* nodes of a word that are worth looking through all its edges */
#define CHUNK 32     /* words that a thread takes at a time: levels are uneven */
#define SERIAL 20000 /* nodes and edges below which threads cost more than they give */

static inline uint32_t bit_of(const uint32_t *set, int v) { return set[(uint32_t)v / WORD] >> (uint32_t)v % WORD & 1; }

/* Is any of source[start .. end - 1] one of the few? */
static int any_of(const int *restrict few, const int *restrict source, int start, int end)
{
    int any = 0;
    for (int e = start; e < end; e++)
        any |= (source[e] == few[0]) | (source[e] == few[1]) | (source[e] == few[2]) | (source[e] == few[3]);
    return any;
}

/* The nodes of a word that have a predecessor in the frontier: by all edges of the word. */
static uint32_t collect(int first, int last, const int *restrict offset, const int *restrict source,
                        const uint32_t *restrict frontier)
{
    const int end = offset[last];
    uint32_t found = 0;
    int v = first;
    for (int start = offset[first]; start < end; start += 32) {
        uint32_t hits = 0;
        if (end - start >= 32) {
            for (int k = 0; k < 32; k++)
                hits |= bit_of(frontier, source[start + k]) << k;
        } else {
            for (int k = 0; k < end - start; k++)
                hits |= bit_of(frontier, source[start + k]) << k;
        }
        for (; hits; hits &= hits - 1) {
            const int edge = start + __builtin_ctz(hits);
            while (offset[v + 1] <= edge)
                v++;
            found |= (uint32_t)1 << (v - first);
        }
    }
    return found;
}

/* The same for the nodes of todo, one by one. */
static uint32_t reach(uint32_t todo, int first, const int *restrict offset, const int *restrict source,
                      const uint32_t *restrict frontier)
{
    uint32_t found = 0;
    for (; todo; todo &= todo - 1) {
        const int bit = __builtin_ctz(todo);
        const int end = offset[first + bit + 1];
        for (int e = offset[first + bit]; e < end; e++) {
            if (bit_of(frontier, source[e])) {
                found |= (uint32_t)1 << bit;
                break;
            }
        }
    }
    return found;
}

/* The members of a set that has at most FEW, the last one repeated. */
static void list_few(const uint32_t *set, int words, int few[FEW])
{
    int count = 0;
    for (int word = 0; word < words; word++)
        for (uint32_t bits = set[word]; bits; bits &= bits - 1)
            few[count++] = word * WORD + __builtin_ctz(bits);
    for (; count < FEW; count++)
        few[count] = few[count - 1];
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
    uint32_t *const reached = calloc(3 * (size_t)words, sizeof *reached);
    if (!reached)
        abort();
    uint32_t *now = reached + words, *then = now + words;
    /* Bits behind the last node count as reached. */
    if (n % WORD)
        reached[words - 1] = ~(uint32_t)0 << n % WORD;
    reached[root / WORD] |= (uint32_t)1 << root % WORD;
    now[root / WORD] = (uint32_t)1 << root % WORD;

    const int is_large = (long long)n + offset[n] > SERIAL;
#pragma omp parallel for schedule(static) if (is_large)
    for (int v = 0; v < n; v++)
        level[v] = -1;
    level[root] = 0;

    int total = 1;
    int found = 1;
    for (int depth = 1; found > 0; depth++) {
        const int is_few = found <= FEW, is_thin = found < n / THIN;
        int few[FEW];
        if (is_few)
            list_few(now, words, few);
        found = 0;
#pragma omp parallel for schedule(dynamic, CHUNK) reduction(+ : found) if (is_large)
        for (int word = 0; word < words; word++) {
            const int first = word * WORD, last = n - first < WORD ? n : first + WORD;
            const uint32_t todo = ~reached[word];
            uint32_t hits = 0;
            if (is_thin && __builtin_popcount(todo) >= MANY) {
                if (!is_few || any_of(few, source, offset[first], offset[last]))
                    hits = collect(first, last, offset, source, now) & todo;
            } else {
                hits = reach(todo, first, offset, source, now);
            }
            then[word] = hits;
            reached[word] |= hits;
            found += __builtin_popcount(hits);
            for (; hits; hits &= hits - 1)
                level[first + __builtin_ctz(hits)] = depth;
        }
        uint32_t *const old = now;
        now = then;
        then = old;
        total += found;
    }
    free(reached);
    return total;
}
