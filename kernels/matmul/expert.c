/*
 * Dense matrix product C = A B of square matrices, row-major, by hand.
 *
 * B is packed in panels of DEPTH rows, cut into slivers of as many columns as
 * a register tile has; A in slivers of as many rows. A tile of C stays in
 * vector registers while it runs through one panel. One thread per block of
 * rows, all of them share the packed panel.
 */

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) { return 1; }
#endif
#include <stdlib.h>
#include <string.h>

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef double vec __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

#define LANES ((int)(VECTOR_BYTES / sizeof(double)))
#define COLUMNS (2 * LANES)

/* Two vectors per row of a tile: as many rows as leave registers for a row of B and one element of A. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 12
#define FOR_EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#else
#define ROWS 6
#define FOR_EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#endif

#define DEPTH 256        /* rows of a panel of B: a sliver of it stays in the first cache */
#define BLOCK_SLIVERS 12 /* slivers of A that are packed at once: they stay in the second cache */

#define PLAIN 16         /* matrices below this size are not packed */
#define SERIAL 64        /* and below this one, threads cost more than they give */

static int smaller(int a, int b) { return a < b ? a : b; }

/* tile = a b, or tile += a b, over depth steps; tile is ROWS x COLUMNS with rows of length stride. */
static void multiply_tile(int depth, const double *restrict a, const double *restrict b, double *restrict tile,
                          size_t stride, int is_first)
{
#define DECLARE(row) vec left##row = {0}, right##row = {0};
    FOR_EACH_ROW(DECLARE)
    for (int k = 0; k < depth; k++) {
        const vec left = *(const vec *)b;
        const vec right = *(const vec *)(b + LANES);
#define MULTIPLY(row) left##row += a[row] * left, right##row += a[row] * right;
        FOR_EACH_ROW(MULTIPLY)
        a += ROWS;
        b += COLUMNS;
    }
    if (!is_first) {
#define ADD(row)                                                                                                       \
    left##row += *(const vec *)(tile + row * stride), right##row += *(const vec *)(tile + row * stride + LANES);
        FOR_EACH_ROW(ADD)
    }
#define STORE(row) *(vec *)(tile + row * stride) = left##row, *(vec *)(tile + row * stride + LANES) = right##row;
    FOR_EACH_ROW(STORE)
}

/* A tile at the right or lower edge of C: computed whole beside it. */
static void multiply_edge(int depth, const double *a, const double *b, double *c, size_t stride, int rows, int columns,
                          int is_first)
{
    double tile[ROWS * COLUMNS];
    multiply_tile(depth, a, b, tile, COLUMNS, 1);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            c[i * stride + j] = is_first ? tile[i * COLUMNS + j] : c[i * stride + j] + tile[i * COLUMNS + j];
}

/* Columns first .. of depth rows of B, side by side; zeros behind the last column. */
static void pack_columns(int n, int depth, int first, const double *restrict b, double *restrict packed)
{
    const int columns = smaller(COLUMNS, n - first);
    for (int k = 0; k < depth; k++) {
        const double *row = b + (size_t)k * n + first;
        if (columns == COLUMNS) {
            memcpy(packed, row, COLUMNS * sizeof *packed);
        } else {
            for (int j = 0; j < COLUMNS; j++)
                packed[j] = j < columns ? row[j] : 0.0;
        }
        packed += COLUMNS;
    }
}

/* Rows first .. of depth columns of A, one column after the other; zeros behind the last row. */
static void pack_rows(int n, int depth, int first, const double *restrict a, double *restrict packed)
{
    for (int i = 0; i < ROWS; i++) {
        if (first + i < n) {
            const double *row = a + (size_t)(first + i) * n;
            for (int k = 0; k < depth; k++)
                packed[k * ROWS + i] = row[k];
        } else {
            for (int k = 0; k < depth; k++)
                packed[k * ROWS + i] = 0.0;
        }
    }
}

/* Rows of C that belong to slivers first .. last - 1 of A, over one panel of B. */
static void multiply_block(int n, int depth, int first, int last, const double *a, const double *panel, double *c,
                           double *packed, int is_first)
{
    for (int sliver = first; sliver < last; sliver++)
        pack_rows(n, depth, sliver * ROWS, a, packed + (size_t)(sliver - first) * ROWS * depth);
    for (int j = 0; j < n; j += COLUMNS) {
        const double *b = panel + (size_t)j * depth;
        for (int sliver = first; sliver < last; sliver++) {
            const double *rows = packed + (size_t)(sliver - first) * ROWS * depth;
            double *tile = c + (size_t)sliver * ROWS * n + j;
            const int height = smaller(ROWS, n - sliver * ROWS);
            const int width = smaller(COLUMNS, n - j);
            if (height == ROWS && width == COLUMNS)
                multiply_tile(depth, rows, b, tile, (size_t)n, is_first);
            else
                multiply_edge(depth, rows, b, tile, (size_t)n, height, width, is_first);
        }
    }
}

/* Small matrices, and the way out if there is no memory to pack into. */
static void multiply_plain(int n, const double *restrict a, const double *restrict b, double *restrict c)
{
    for (int i = 0; i < n; i++) {
        double *row = c + (size_t)i * n;
        for (int j = 0; j < n; j++)
            row[j] = 0.0;
        for (int k = 0; k < n; k++) {
            const double factor = a[(size_t)i * n + k];
            for (int j = 0; j < n; j++)
                row[j] += factor * b[(size_t)k * n + j];
        }
    }
}

void matmul(int n, const double *restrict a, const double *restrict b, double *restrict c)
{
    if (n < PLAIN) {
        multiply_plain(n, a, b, c);
        return;
    }

    /* As many blocks for each thread, and as many rows in each block, give or take a sliver. */
    const int slivers = (n + ROWS - 1) / ROWS;
    const int threads = n < SERIAL ? 1 : smaller(omp_get_max_threads(), slivers);
    const int per_thread = (slivers + threads * BLOCK_SLIVERS - 1) / (threads * BLOCK_SLIVERS);
    const int blocks = threads * per_thread;
    const int panels = (n + DEPTH - 1) / DEPTH;
    const int depth = (n + panels - 1) / panels;

    const size_t panel_size = (size_t)depth * ((n + COLUMNS - 1) / COLUMNS) * COLUMNS;
    const size_t block_size = (size_t)depth * BLOCK_SLIVERS * ROWS;
    /* A vector that lies across two cache lines is loaded twice. */
    double *panel = aligned_alloc(64, ((panel_size + threads * block_size) * sizeof *panel + 63) / 64 * 64);
    if (!panel) {
        multiply_plain(n, a, b, c);
        return;
    }
    double *packed = panel + panel_size;

#pragma omp parallel num_threads(threads) if (threads > 1)
    for (int k = 0; k < n; k += depth) {
        const int steps = smaller(depth, n - k);
#pragma omp for schedule(static)
        for (int j = 0; j < n; j += COLUMNS)
            pack_columns(n, steps, j, b + (size_t)k * n, panel + (size_t)j * steps);
#pragma omp for schedule(static)
        for (int block = 0; block < blocks; block++) {
            const int first = (int)((long long)slivers * block / blocks);
            const int last = (int)((long long)slivers * (block + 1) / blocks);
            multiply_block(n, steps, first, last, a + k, panel, c, packed + block / per_thread * block_size, k == 0);
        }
    }
    free(panel);
}
