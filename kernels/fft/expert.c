/*
 * In-place complex Fourier transform of length n = 2^k, by hand.
 *
 * Four steps (D. H. Bailey, FFTs in external or hierarchical memory, 1990):
 * n = rows * columns, and both about the square root of n. All columns are
 * transformed, eight at a time so that whole cache lines are read; then each
 * element is turned by its root of unity and stored transposed; then all rows
 * are transformed, eight at a time, and stored as columns of the result. A
 * transform that small stays in the first caches, and every lane of a vector
 * belongs to another one, so that no step runs across lanes. The caller's
 * work space is used for short lengths only.
 */

#include <math.h>
#include <stddef.h>
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
#define GROUP 8               /* transforms at a time: a cache line */
#define PARTS (GROUP / LANES) /* vectors that make a group */
#define CHAIN 16              /* powers of a root that are multiplied out one after the other */
#define SHORT 64              /* lengths below this one are done step by step */
#define SERIAL 4096           /* and below this one, threads cost more than they give */

#define TWO_PI 6.283185307179586476925286766559

/* Roots of unity: exp(-2 pi i k / n). */
struct roots {
    double *re, *im;
};

/* All n of them; the trigonometric functions are asked for an eighth. */
static void fill_roots(int n, struct roots w)
{
    for (int k = 0; k <= n / 8; k++) {
        const double c = cos(TWO_PI * k / n), s = sin(TWO_PI * k / n);
        w.re[k] = c, w.im[k] = -s;
        w.re[n / 4 - k] = s, w.im[n / 4 - k] = -c;
    }
    for (int k = 0; k < n / 4; k++) {
        w.re[n / 4 + k] = w.im[k], w.im[n / 4 + k] = -w.re[k];
        w.re[n / 2 + k] = -w.re[k], w.im[n / 2 + k] = -w.im[k];
        w.re[3 * n / 4 + k] = -w.im[k], w.im[3 * n / 4 + k] = w.re[k];
    }
}

/* The first count of n, each the product of two: count is a power of two. */
static void fill_first_roots(int n, int count, struct roots w)
{
    const int step = count < 32 ? count : 32;
    for (int k = 0; k < step; k++)
        w.re[k] = cos(TWO_PI * k / n), w.im[k] = -sin(TWO_PI * k / n);
    for (int start = step; start < count; start += step) {
        const double re = cos(TWO_PI * start / n), im = -sin(TWO_PI * start / n);
        for (int k = 0; k < step; k++) {
            w.re[start + k] = re * w.re[k] - im * w.im[k];
            w.im[start + k] = re * w.im[k] + im * w.re[k];
        }
    }
}

static void fill_reversed(int n, int *reversed)
{
    reversed[0] = 0;
    for (int i = 1, bit = n / 2; i < n; i *= 2, bit /= 2)
        for (int k = 0; k < i; k++)
            reversed[i + k] = reversed[k] + bit;
}

/* Transforms of length n, one per lane, in place; the elements come in bit-reversed order. */
static void transform(int n, struct roots w, vec *restrict re, vec *restrict im)
{
    int half = 1;
    if (__builtin_ctz((unsigned)n) % 2) {
        for (int i = 0; i < n; i += 2) {
            const vec r = re[i + 1], m = im[i + 1];
            re[i + 1] = re[i] - r, im[i + 1] = im[i] - m;
            re[i] += r, im[i] += m;
        }
        half = 2;
    }
    /* Two stages at once, of butterflies over half and over 2 half elements. */
    for (; half < n; half *= 4) {
        const int stride = n / (4 * half);
        for (int start = 0; start < n; start += 4 * half) {
            for (int k = 0; k < half; k++) {
                vec *const r = re + start + k, *const m = im + start + k;
                const double w1r = w.re[2 * k * stride], w1i = w.im[2 * k * stride];
                const double w2r = w.re[k * stride], w2i = w.im[k * stride];
                const double w3r = w.re[3 * k * stride], w3i = w.im[3 * k * stride];
                const vec r1 = w1r * r[half] - w1i * m[half];
                const vec m1 = w1r * m[half] + w1i * r[half];
                const vec r2 = w2r * r[2 * half] - w2i * m[2 * half];
                const vec m2 = w2r * m[2 * half] + w2i * r[2 * half];
                const vec r3 = w3r * r[3 * half] - w3i * m[3 * half];
                const vec m3 = w3r * m[3 * half] + w3i * r[3 * half];
                const vec sum_r = r[0] + r1, sum_m = m[0] + m1, difference_r = r[0] - r1, difference_m = m[0] - m1;
                r[0] = sum_r + (r2 + r3), m[0] = sum_m + (m2 + m3);
                r[2 * half] = sum_r - (r2 + r3), m[2 * half] = sum_m - (m2 + m3);
                r[half] = difference_r + (m2 - m3), m[half] = difference_m - (r2 - r3);
                r[3 * half] = difference_r - (m2 - m3), m[3 * half] = difference_m + (r2 - r3);
            }
        }
    }
}

/* What one thread works on: a group's transforms, vector by vector, and powers of its roots. */
struct work {
    vec *re, *im; /* [PARTS][length] */
};

static struct work new_work(int length)
{
    vec *memory = aligned_alloc(64, 2 * (size_t)PARTS * length * sizeof *memory);
    if (!memory)
        abort();
    return (struct work){memory, memory + (size_t)PARTS * length};
}

/* A group of transforms, read at distances of stride. */
static void transform_group(int n, struct roots w, const int *reversed, const double *re, const double *im,
                            size_t stride, struct work work)
{
    for (int i = 0; i < n; i++) {
        const size_t from = (size_t)i * stride, to = (size_t)reversed[i];
        for (int part = 0; part < PARTS; part++) {
            work.re[part * (size_t)n + to] = *(const vec *)(re + from + part * LANES);
            work.im[part * (size_t)n + to] = *(const vec *)(im + from + part * LANES);
        }
    }
    for (int part = 0; part < PARTS; part++)
        transform(n, w, work.re + part * (size_t)n, work.im + part * (size_t)n);
}

/* Turn element i of the transforms of columns first .. by root[first + lane]^i and store them transposed. */
static void turn_and_transpose(int rows, int columns, int first, struct roots root, struct work work, double *re,
                               double *im)
{
    double tile_re[GROUP][GROUP], tile_im[GROUP][GROUP];
    for (int part = 0; part < PARTS; part++) {
        const vec base_re = *(const vec *)(root.re + first + part * LANES);
        const vec base_im = *(const vec *)(root.im + first + part * LANES);
        vec low_re[CHAIN + 1], low_im[CHAIN + 1];
        low_re[0] = base_re - base_re + 1.0, low_im[0] = base_re - base_re;
        for (int k = 0; k < CHAIN; k++) {
            low_re[k + 1] = low_re[k] * base_re - low_im[k] * base_im;
            low_im[k + 1] = low_re[k] * base_im + low_im[k] * base_re;
        }
        vec high_re = low_re[0], high_im = low_im[0];
        for (int start = 0; start < rows; start += GROUP) {
            for (int k = 0; k < GROUP; k++) {
                const int low = (start + k) % CHAIN;
                const vec turn_re = high_re * low_re[low] - high_im * low_im[low];
                const vec turn_im = high_re * low_im[low] + high_im * low_re[low];
                const vec r = work.re[part * (size_t)rows + start + k], m = work.im[part * (size_t)rows + start + k];
                *(vec *)tile_re[k] = r * turn_re - m * turn_im;
                *(vec *)tile_im[k] = r * turn_im + m * turn_re;
            }
            const size_t to = ((size_t)start * columns + (size_t)(first + part * LANES) * GROUP);
            for (int lane = 0; lane < LANES; lane++) {
                for (int k = 0; k < GROUP; k++) {
                    re[to + lane * GROUP + k] = tile_re[k][lane];
                    im[to + lane * GROUP + k] = tile_im[k][lane];
                }
            }
            if ((start + GROUP) % CHAIN == 0) {
                const vec r = high_re;
                high_re = r * low_re[CHAIN] - high_im * low_im[CHAIN];
                high_im = r * low_im[CHAIN] + high_im * low_re[CHAIN];
            }
        }
    }
}

/* Decimation in time, two elements at a time. */
static void transform_short(int n, double *restrict re, double *restrict im, double *restrict wre,
                            double *restrict wim)
{
    double copy_re[SHORT], copy_im[SHORT];
    int reversed[SHORT];
    for (int k = 0; k < n / 2; k++)
        wre[k] = cos(TWO_PI * k / n), wim[k] = -sin(TWO_PI * k / n);
    fill_reversed(n, reversed);
    memcpy(copy_re, re, (size_t)n * sizeof *re);
    memcpy(copy_im, im, (size_t)n * sizeof *im);
    for (int i = 0; i < n; i++)
        re[reversed[i]] = copy_re[i], im[reversed[i]] = copy_im[i];
    for (int half = 1; half < n; half *= 2) {
        for (int start = 0; start < n; start += 2 * half) {
            for (int k = start; k < start + half; k++) {
                const double wr = wre[(k - start) * (n / 2 / half)], wi = wim[(k - start) * (n / 2 / half)];
                const double r = wr * re[k + half] - wi * im[k + half], m = wr * im[k + half] + wi * re[k + half];
                re[k + half] = re[k] - r, im[k + half] = im[k] - m;
                re[k] += r, im[k] += m;
            }
        }
    }
}

void fft(int n, double *restrict re, double *restrict im, double *restrict wre, double *restrict wim)
{
    if (n < 2 || (n & (n - 1)) != 0)
        return;
    if (n < SHORT) {
        transform_short(n, re, im, wre, wim);
        return;
    }

    const int rows = 1 << (__builtin_ctz((unsigned)n) / 2), columns = n / rows;
    double *memory = aligned_alloc(64, (2 * (size_t)n + 6 * (size_t)columns) * sizeof *memory);
    int *reversed = malloc(2 * (size_t)columns * sizeof *reversed);
    if (!memory || !reversed)
        abort();
    double *turned_re = memory, *turned_im = memory + n;
    double *tables = memory + 2 * (size_t)n;
    const struct roots of_columns = {tables, tables + columns};
    const struct roots of_rows = {tables + 2 * (size_t)columns, tables + 3 * (size_t)columns};
    const struct roots of_all = {tables + 4 * (size_t)columns, tables + 5 * (size_t)columns};
    int *reversed_rows = reversed + columns;
    fill_roots(columns, of_columns);
    fill_roots(rows, of_rows);
    fill_first_roots(n, columns, of_all);
    fill_reversed(columns, reversed);
    fill_reversed(rows, reversed_rows);

#pragma omp parallel if (n >= SERIAL)
    {
        const struct work work = new_work(columns);
#pragma omp for schedule(static)
        for (int first = 0; first < columns; first += GROUP) {
            transform_group(rows, of_rows, reversed_rows, re + first, im + first, (size_t)columns, work);
            turn_and_transpose(rows, columns, first, of_all, work, turned_re, turned_im);
        }
#pragma omp for schedule(static)
        for (int first = 0; first < rows; first += GROUP) {
            const size_t from = (size_t)first * columns;
            transform_group(columns, of_columns, reversed, turned_re + from, turned_im + from, GROUP, work);
            for (int i = 0; i < columns; i++) {
                for (int part = 0; part < PARTS; part++) {
                    const size_t at = (size_t)i * rows + first + part * LANES;
                    *(vec *)(re + at) = work.re[part * (size_t)columns + i];
                    *(vec *)(im + at) = work.im[part * (size_t)columns + i];
                }
            }
        }
        free(work.re);
    }
    free(reversed);
    free(memory);
}
