/*
 * Sparse matrix times vector, y = A x, with A in CSR form, by hand.
 *
 * Threads share the nonzeros evenly, not the rows, so that a few full rows do
 * not keep one of them busy. Rows are summed in four chains, as one chain
 * waits for each addition.
 */

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) { return 1; }
#endif

#define SERIAL 20000 /* nonzeros below which threads cost more than they give */

static double row_sum(int first, int last, const int *restrict column, const double *restrict value,
                      const double *restrict x)
{
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    int k = first;
    for (; k + 4 <= last; k += 4) {
        a += value[k] * x[column[k]];
        b += value[k + 1] * x[column[k + 1]];
        c += value[k + 2] * x[column[k + 2]];
        d += value[k + 3] * x[column[k + 3]];
    }
    switch (last - k) {
    case 3:
        c += value[k + 2] * x[column[k + 2]]; /* fall through */
    case 2:
        b += value[k + 1] * x[column[k + 1]]; /* fall through */
    case 1:
        a += value[k] * x[column[k]];
    }
    return (a + b) + (c + d);
}

/* The first row that starts at nonzero k or behind it; in front of it lie whole rows, and rows if there is none. */
static int row_at(int rows, const int *restrict offset, long long k)
{
    int low = 0, high = rows;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (offset[middle] < k)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void spmv(int rows, const int *restrict offset, const int *restrict column, const double *restrict value,
          const double *restrict x, double *restrict y)
{
    if (rows <= 0)
        return;
    /* Rows cost something even if they are empty. */
    const long long nonzeros = (long long)offset[rows] - offset[0];
    const int shares = nonzeros + rows < SERIAL ? 1 : omp_get_max_threads();

#pragma omp parallel for schedule(static) num_threads(shares) if (shares > 1)
    for (int share = 0; share < shares; share++) {
        const int first = share ? row_at(rows, offset, offset[0] + nonzeros * share / shares) : 0;
        const int last = share + 1 < shares ? row_at(rows, offset, offset[0] + nonzeros * (share + 1) / shares) : rows;
        for (int i = first; i < last; i++)
            y[i] = row_sum(offset[i], offset[i + 1], column, value, x);
    }
}
