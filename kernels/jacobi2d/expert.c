/*
 * Jacobi relaxation of the Laplace equation on an n x n grid, by hand.
 *
 * Many half sweeps run through the grid at once, each two rows behind the one
 * before it, in strips of columns narrow enough that all their rows stay in
 * the second cache: memory is read and written once per pass, not per sweep.
 * Threads take bands of rows. A band's part that shrinks by a row per half
 * sweep needs nothing of its neighbours; what is left, triangles around the
 * borders of bands, is done after that (split tiling: Krishnamoorthy et al.,
 * Effective automatic parallelization of stencil computations, PLDI 2007).
 *
 * Two grids are enough in every such order: when a point of half sweep s + 1
 * overwrites that of s - 1, its neighbours of half sweep s are there already.
 */

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) { return 1; }
#endif
#include <stddef.h>

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef double vec __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

#define LANES ((int)(VECTOR_BYTES / sizeof(double)))

#define CACHE_BYTES (400 << 10) /* of a second cache, for the rows that a pass has in work */
#define STRIP 2048              /* columns of a strip */
#define SKEW 8                  /* columns by which a strip moves left per half sweep; 1 would do, 8 keep alignment */
#define DEEPEST 20              /* half sweeps of a pass, at most */
#define SERIAL 256              /* rows below which threads cost more than they give */

static int smaller(int a, int b) { return a < b ? a : b; }

static int larger(int a, int b) { return a > b ? a : b; }

/* Rows low + low_step s .. high + high_step s - 1 of half sweeps s = 0 .. depth - 1; no step is below -1. */
struct part {
    int low, low_step, high, high_step;
};

/* The mean of five points, in whole vectors or one by one. */
#define MEAN(left, right, above, below, centre) (0.2 * (((left) + (right)) + ((above) + (below)) + (centre)))
#define AT(place) (*(const vec *)(place))

/* One row of one half sweep, columns first .. last - 1. */
static void relax(int first, int last, const double *restrict row, ptrdiff_t n, double *restrict out)
{
    int j = first;
    for (; j + LANES <= last; j += LANES) {
        const double *at = row + j;
        *(vec *)(out + j) = MEAN(AT(at - 1), AT(at + 1), AT(at - n), AT(at + n), AT(at));
    }
    for (; j < last; j++)
        out[j] = MEAN(row[j - 1], row[j + 1], row[j - n], row[j + n], row[j]);
}

/* This row and the next: four rows are loaded instead of six. */
static void relax_pair(int first, int last, const double *restrict row, ptrdiff_t n, double *restrict out)
{
    int j = first;
    for (; j + LANES <= last; j += LANES) {
        const double *at = row + j;
        const vec upper = AT(at), lower = AT(at + n);
        *(vec *)(out + j) = MEAN(AT(at - 1), AT(at + 1), AT(at - n), lower, upper);
        *(vec *)(out + j + n) = MEAN(AT(at + n - 1), AT(at + n + 1), upper, AT(at + 2 * n), lower);
    }
    if (j < last) {
        relax(j, last, row, n, out);
        relax(j, last, row + n, n, out + n);
    }
}

/* All of a part; from is the grid that half sweep 0 reads. */
static void sweep(int n, int depth, struct part part, double *from, double *to)
{
    double *const grid[2] = {from, to};
    /* In the order of row + 2 s: all that a row of half sweep s needs of s - 1 is done, or not the part's. */
    const int end = part.high + (part.high_step + 2) * (depth - 1);

    for (int left = 1; left < n - 1 + SKEW * (depth - 1); left += STRIP) {
        for (int wave = part.low; wave < end; wave += 2) {
            for (int s = 0; s < depth; s++) {
                const int top = larger(wave - 2 * s, part.low + part.low_step * s);
                const int bottom = smaller(wave - 2 * s + 2, part.high + part.high_step * s);
                const int first = larger(1, left - SKEW * s);
                const int last = smaller(n - 1, left + STRIP - SKEW * s);
                if (top >= bottom || first >= last)
                    continue;
                const size_t start = (size_t)top * n;
                if (bottom - top == 2)
                    relax_pair(first, last, grid[s & 1] + start, n, grid[(s + 1) & 1] + start);
                else
                    relax(first, last, grid[s & 1] + start, n, grid[(s + 1) & 1] + start);
            }
        }
    }
}

void jacobi2d(int n, int sweeps, double u[n][n], double v[n][n])
{
    const int rows = n - 2;
    if (rows <= 0 || sweeps <= 0)
        return;

    double *grid[2] = {&u[0][0], &v[0][0]};
    const int bands = n < SERIAL ? 1 : smaller(omp_get_max_threads(), rows / 2);
    /* Half sweeps of a pass: each has two rows of both grids in work, and a band must not vanish before the last. */
    const int fitting = larger(CACHE_BYTES / (4 * (int)sizeof(double) * smaller(n, STRIP)) - 1, 2);
    const int deepest = smaller(smaller(fitting, DEEPEST), bands > 1 ? rows / bands / 2 : DEEPEST);
    const long long total = 2LL * sweeps;
    const long long passes = (total + deepest - 1) / deepest;

#pragma omp parallel num_threads(bands) if (bands > 1)
    for (long long pass = 0; pass < passes; pass++) {
        const long long done = total * pass / passes;
        const int depth = (int)(total * (pass + 1) / passes - done);
        double *from = grid[done & 1], *to = grid[(done + 1) & 1];
#pragma omp for schedule(static)
        for (int band = 0; band < bands; band++) {
            const struct part shrinking = {
                1 + (int)((long long)rows * band / bands) + (band > 0), band > 0,
                1 + (int)((long long)rows * (band + 1) / bands) - (band < bands - 1), -(band < bands - 1)};
            sweep(n, depth, shrinking, from, to);
        }
#pragma omp for schedule(static)
        for (int band = 1; band < bands; band++) {
            const int border = 1 + (int)((long long)rows * band / bands);
            const struct part growing = {border - 1, -1, border + 1, 1};
            sweep(n, depth, growing, from, to);
        }
    }
}
