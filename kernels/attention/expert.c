/*
 * Multi-head scaled dot-product attention, out = softmax(Q K^T / sqrt(dim)) V, by hand.
 *
 * A block of queries runs through the keys chunk by chunk and keeps a running
 * maximum and sum, so that its scores never leave the cache (Milakov and
 * Gimelshein, Online normalizer calculation for softmax, 2018). The scores of
 * a chunk lie transposed, one query per lane: maximum, exp and sum need no
 * step across lanes. Both products run in tiles of registers.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef float vec __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
typedef int mask __attribute__((vector_size(VECTOR_BYTES)));

#define LANES ((int)(VECTOR_BYTES / sizeof(float)))
#define COLUMNS (2 * LANES)

/* Rows of a tile: as many as leave registers for two vectors and one element. QUERIES is a multiple of both sides. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 8
#define QUERIES 64
#define FOR_EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#else
#define ROWS 6
#define QUERIES 48
#define FOR_EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#endif

#define KEYS (16 * ROWS) /* of a chunk: its scores and a slice of V stay in the first cache */
#define SERIAL 20000.0   /* multiplications below which threads cost more than they give */

static int smaller(int a, int b) { return a < b ? a : b; }

static int round_up(int n, int step) { return (n + step - 1) / step * step; }

/* What one thread works on; the arrays' sizes depend on dim. */
struct block {
    float score[KEYS * QUERIES]; /* [key][query] */
    float largest[QUERIES], sum[QUERIES], fade[QUERIES];
    float *query;  /* [dim][QUERIES], scaled */
    float *key;    /* [ROWS][dim], the last keys where they are fewer than a tile has rows */
    float *value;  /* [KEYS][width], a copy of V where dim is not whole vectors */
    float *output; /* [QUERIES][width], not yet divided by the sum */
};

/*
 * tile[row][column] = sum over s of a[row a_row + s a_step] b[s b_step + column]; with factor, what the tile held
 * times factor[row] is added.
 */
static inline __attribute__((always_inline)) void multiply(int steps, const float *restrict a, size_t a_row,
                                                           size_t a_step, const float *restrict b, size_t b_step,
                                                           float *restrict tile, size_t tile_step,
                                                           const float *restrict factor)
{
#define DECLARE(row) vec left##row = {0}, right##row = {0};
    FOR_EACH_ROW(DECLARE)
    if (factor) {
#define FADE(row)                                                                                                      \
    left##row = factor[row] * *(const vec *)(tile + row * tile_step),                                                  \
    right##row = factor[row] * *(const vec *)(tile + row * tile_step + LANES);
        FOR_EACH_ROW(FADE)
    }
    for (int s = 0; s < steps; s++) {
        const vec left = *(const vec *)b;
        const vec right = *(const vec *)(b + LANES);
#define MULTIPLY(row) left##row += a[row * a_row] * left, right##row += a[row * a_row] * right;
        FOR_EACH_ROW(MULTIPLY)
        a += a_step;
        b += b_step;
    }
#define STORE(row)                                                                                                     \
    *(vec *)(tile + row * tile_step) = left##row, *(vec *)(tile + row * tile_step + LANES) = right##row;
    FOR_EACH_ROW(STORE)
}

/* a where the mask is set, else b. */
static inline vec choose(mask condition, vec a, vec b) { return (vec)((condition & (mask)a) | (~condition & (mask)b)); }

/* exp(x) for x <= 0 to a few units in the last place, 0 below -88: 2^n times a polynomial (Cephes expf). */
static inline vec exp_of(vec x)
{
    x = choose(x < -88.0f, (vec){0} - 88.0f, x); /* NaN stays NaN */
    /* Adding 1.5 * 2^23 rounds to an integer; 127 more, and its low bits are those of 2^n's exponent. */
    const vec shifted = x * 1.44269504f + 12583039.0f;
    const vec n = shifted - 12583039.0f;
    const vec power = (vec)((mask)shifted << 23);
    const vec r = x - n * 0.693359375f + n * 2.12194440e-4f;
    vec p = 1.9875691500e-4f * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return power * (p * r * r + r + 1.0f);
}

/* Turn the scores of keys keys into weights, relative to the largest score so far. */
static void weigh(struct block *block, int keys)
{
    for (int i = 0; i < QUERIES; i += LANES) {
        const vec before = *(const vec *)(block->largest + i);
        vec largest = before;
        for (int key = 0; key < keys; key++) {
            const vec score = *(const vec *)(block->score + key * QUERIES + i);
            largest = choose(score > largest, score, largest);
        }
        const vec fade = exp_of(before - largest);
        vec sum = *(const vec *)(block->sum + i) * fade;
        for (int key = 0; key < keys; key++) {
            vec *score = (vec *)(block->score + key * QUERIES + i);
            *score = exp_of(*score - largest);
            sum += *score;
        }
        *(vec *)(block->fade + i) = fade;
        *(vec *)(block->sum + i) = sum;
        *(vec *)(block->largest + i) = largest;
    }
}

/* Queries first .. first + count - 1 of one head; q, k, v and out are the head's. */
static void attend(struct block *block, int seq, int dim, int first, int count, const float *restrict q,
                   const float *restrict k, const float *restrict v, float *restrict out)
{
    const int width = round_up(dim, COLUMNS);
    const int columns = round_up(count, COLUMNS);
    const float scale = 1.0f / sqrtf((float)dim);
    for (int d = 0; d < dim; d++)
        for (int i = 0; i < QUERIES; i++)
            block->query[d * QUERIES + i] = i < count ? scale * q[(size_t)(first + i) * dim + d] : 0.0f;
    for (int i = 0; i < QUERIES; i++) {
        block->largest[i] = -INFINITY;
        block->sum[i] = 0.0f;
    }
    memset(block->output, 0, (size_t)QUERIES * width * sizeof *block->output);

    for (int start = 0; start < seq; start += KEYS) {
        const int keys = smaller(KEYS, seq - start);
        for (int key = 0; key < keys; key += ROWS) {
            const float *rows = k + (size_t)(start + key) * dim;
            if (key + ROWS > keys) /* what lies behind the last key is computed as well, and not looked at */
                rows = memcpy(block->key, rows, (size_t)(keys - key) * dim * sizeof *rows);
            for (int i = 0; i < columns; i += COLUMNS)
                multiply(dim, rows, (size_t)dim, 1, block->query + i, QUERIES, block->score + key * QUERIES + i,
                         QUERIES, NULL);
        }
        weigh(block, keys);

        const float *value = v + (size_t)start * dim;
        if (width != dim) {
            for (int key = 0; key < keys; key++)
                memcpy(block->value + (size_t)key * width, value + (size_t)key * dim, dim * sizeof *value);
            value = block->value;
        }
        for (int d = 0; d < width; d += COLUMNS) {
            for (int i = 0; i < count; i += ROWS)
                multiply(keys, block->score + i, 1, QUERIES, value + d, (size_t)width,
                         block->output + (size_t)i * width + d, (size_t)width, block->fade + i);
        }
    }

    for (int i = 0; i < count; i++)
        for (int d = 0; d < dim; d++)
            out[(size_t)(first + i) * dim + d] = block->output[(size_t)i * width + d] / block->sum[i];
}

static struct block *new_block(int dim)
{
    const size_t width = (size_t)round_up(dim, COLUMNS);
    const size_t query = (size_t)dim * QUERIES, key = (size_t)dim * ROWS, value = KEYS * width;
    const size_t output = QUERIES * width;
    /* Lanes that no query, key or column belongs to are computed as well: they must hold numbers. */
    struct block *block = calloc(1, sizeof *block + (query + key + value + output) * sizeof(float));
    if (!block)
        abort();
    block->query = (float *)(block + 1);
    block->key = block->query + query;
    block->value = block->key + key;
    block->output = block->value + value;
    return block;
}

void attention(int heads, int seq, int dim, const float *restrict q, const float *restrict k, const float *restrict v,
               float *restrict out)
{
    const int blocks = (seq + QUERIES - 1) / QUERIES;
    if (heads <= 0 || seq <= 0 || dim <= 0)
        return;
#pragma omp parallel if ((double)heads * seq * seq * dim > SERIAL)
    {
        struct block *block = new_block(dim);
#pragma omp for collapse(2) schedule(dynamic)
        for (int h = 0; h < heads; h++) {
            for (int b = 0; b < blocks; b++) {
                const size_t head = (size_t)h * seq * dim;
                const int count = smaller(QUERIES, seq - b * QUERIES);
                attend(block, seq, dim, b * QUERIES, count, q + head, k + head, v + head, out + head);
            }
        }
        free(block);
    }
}
