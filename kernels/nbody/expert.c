/*
 * One time step of n gravitating bodies, all pairs, G = 1, by hand.
 *
 * Each pair is visited once, for what both bodies feel, one body against a
 * vector of others. Square root and division would take longer than all the
 * rest: r^-3 comes from a guess of 1 / r by its bits, two Newton steps, and
 * the series of (1 - e)^(-3/2) for what is left of the error, which is exact
 * to rounding. Every thread adds up accelerations of its own; the shares are
 * the same from run to run. Distances must stay below 1e150.
 */

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) { return 1; }
#endif
#include <stddef.h>
#include <stdlib.h>

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef double vec __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));
typedef unsigned long long bits __attribute__((vector_size(VECTOR_BYTES)));

#define LANES ((int)(VECTOR_BYTES / sizeof(double)))
#define BLOCK 64   /* bodies that meet each other in all pairs */
#define CHUNK 256  /* other bodies that a block meets at once: they stay in the first cache */
#define SERIAL 256 /* bodies below which threads cost more than they give */

static int smaller(int a, int b) { return a < b ? a : b; }

/* One array of count elements per name, in one piece of memory. */
struct bodies {
    double *x, *y, *z, *mass;
};

struct forces {
    double *x, *y, *z;
};

/*
 * The reciprocals of the cubes of the square roots of two vectors, normal positive numbers, step by step in turn: one
 * of them alone leaves the processor waiting for results.
 */
static inline void inverse_cubes(vec square0, vec square1, vec *cube0, vec *cube1)
{
    /* Half the exponent, negated: C. Lomont, Fast inverse square root, 2003, for doubles; within 3.5%. */
    vec y0 = (vec)(0x5FE6EB50C7B537A9ULL - ((bits)square0 >> 1));
    vec y1 = (vec)(0x5FE6EB50C7B537A9ULL - ((bits)square1 >> 1));
    const vec half0 = 0.5 * square0;
    const vec half1 = 0.5 * square1;
    vec t0 = half0 * y0;
    vec t1 = half1 * y1;
    t0 = 1.5008789 - t0 * y0;
    t1 = 1.5008789 - t1 * y1;
    y0 = y0 * t0; /* within 0.09% */
    y1 = y1 * t1;
    t0 = half0 * y0;
    t1 = half1 * y1;
    t0 = 1.5 - t0 * y0;
    t1 = 1.5 - t1 * y1;
    y0 = y0 * t0; /* within 1.2e-6 */
    y1 = y1 * t1;
    t0 = y0 * y0;
    t1 = y1 * y1;
    const vec e0 = 1.0 - square0 * t0;
    const vec e1 = 1.0 - square1 * t1;
    y0 = y0 * t0;
    y1 = y1 * t1;
    t0 = 1.5 + 1.875 * e0;
    t1 = 1.5 + 1.875 * e1;
    t0 = 1.0 + e0 * t0;
    t1 = 1.0 + e1 * t1;
    *cube0 = y0 * t0;
    *cube1 = y1 * t1;
}

static double sum_of(vec v)
{
    double sum = 0.0;
    for (int lane = 0; lane < LANES; lane++)
        sum += v[lane];
    return sum;
}

/* Bodies i and i + 1 with bodies first .. last - 1, which feel it too if that is mutual. */
static inline __attribute__((always_inline)) void meet_two(struct bodies b, struct forces a, int i, int first, int last,
                                                           double softening2, int is_mutual)
{
    const double x0 = b.x[i], y0 = b.y[i], z0 = b.z[i], mass0 = b.mass[i];
    const double x1 = b.x[i + 1], y1 = b.y[i + 1], z1 = b.z[i + 1], mass1 = b.mass[i + 1];
    vec ax0 = {0}, ay0 = {0}, az0 = {0}, ax1 = {0}, ay1 = {0}, az1 = {0};
    for (int j = first; j < last; j += LANES) {
        const vec x = *(const vec *)(b.x + j), y = *(const vec *)(b.y + j), z = *(const vec *)(b.z + j);
        const vec dx0 = x - x0, dx1 = x - x1;
        const vec dy0 = y - y0, dy1 = y - y1;
        const vec dz0 = z - z0, dz1 = z - z1;
        vec f0, f1;
        inverse_cubes(dx0 * dx0 + (dy0 * dy0 + (dz0 * dz0 + softening2)),
                      dx1 * dx1 + (dy1 * dy1 + (dz1 * dz1 + softening2)), &f0, &f1);
        const vec mass = *(const vec *)(b.mass + j);
        const vec here0 = mass * f0, here1 = mass * f1;
        ax0 += here0 * dx0, ax1 += here1 * dx1;
        ay0 += here0 * dy0, ay1 += here1 * dy1;
        az0 += here0 * dz0, az1 += here1 * dz1;
        if (is_mutual) {
            const vec there0 = mass0 * f0, there1 = mass1 * f1;
            vec *const ax = (vec *)(a.x + j), *const ay = (vec *)(a.y + j), *const az = (vec *)(a.z + j);
            *ax = *ax - there0 * dx0 - there1 * dx1;
            *ay = *ay - there0 * dy0 - there1 * dy1;
            *az = *az - there0 * dz0 - there1 * dz1;
        }
    }
    a.x[i] += sum_of(ax0), a.y[i] += sum_of(ay0), a.z[i] += sum_of(az0);
    a.x[i + 1] += sum_of(ax1), a.y[i + 1] += sum_of(ay1), a.z[i + 1] += sum_of(az1);
}

/* All pairs of one block with itself, each from both sides, and with those behind it. */
static void meet(struct bodies b, struct forces a, int block, int count, double softening2)
{
    const int start = block * BLOCK, end = start + BLOCK;
    for (int i = start; i < end; i += 2) /* a body feels nothing of itself: its distance is 0 */
        meet_two(b, a, i, start, end, softening2, 0);
    for (int first = end; first < count; first += CHUNK)
        for (int i = start; i < end; i += 2)
            meet_two(b, a, i, first, smaller(first + CHUNK, count), softening2, 1);
}

void nbody(int n, double dt, double softening, const double *mass, double *x, double *y, double *z, double *vx,
           double *vy, double *vz)
{
    if (n <= 0)
        return;
    const int blocks = (n + BLOCK - 1) / BLOCK;
    const int count = blocks * BLOCK;
    const int threads = n < SERIAL ? 1 : smaller(omp_get_max_threads(), (blocks + 1) / 2);
    const double softening2 = softening * softening;

    double *memory = malloc((size_t)(4 + 3 * threads) * count * sizeof *memory);
    if (!memory)
        abort();
    const struct bodies b = {memory, memory + count, memory + 2 * (size_t)count, memory + 3 * (size_t)count};
    double *const shares = memory + 4 * (size_t)count;
    for (int i = 0; i < count; i++) {
        /* Bodies behind the last one have no mass, and are apart from all others. */
        b.x[i] = i < n ? x[i] : 1e100;
        b.y[i] = i < n ? y[i] : 0.0;
        b.z[i] = i < n ? z[i] : 0.0;
        b.mass[i] = i < n ? mass[i] : 0.0;
    }

#pragma omp parallel num_threads(threads) if (threads > 1)
    {
#pragma omp for schedule(static)
        for (int share = 0; share < threads; share++) {
            const struct forces a = {shares + 3 * (size_t)count * share, shares + (3 * (size_t)share + 1) * count,
                                     shares + (3 * (size_t)share + 2) * count};
            for (int i = 0; i < count; i++)
                a.x[i] = a.y[i] = a.z[i] = 0.0;
            /* The first block has the most pairs, the last the fewest: two of them together have as many as any two. */
            for (int block = share; block < (blocks + 1) / 2; block += threads) {
                meet(b, a, block, count, softening2);
                if (block != blocks - 1 - block)
                    meet(b, a, blocks - 1 - block, count, softening2);
            }
        }
#pragma omp for schedule(static)
        for (int i = 0; i < n; i++) {
            double ax = 0.0, ay = 0.0, az = 0.0;
            for (int share = 0; share < threads; share++) {
                const double *a = shares + 3 * (size_t)count * share + i;
                ax += a[0], ay += a[count], az += a[2 * (size_t)count];
            }
            vx[i] += dt * ax;
            vy[i] += dt * ay;
            vz[i] += dt * az;
            x[i] += dt * vx[i];
            y[i] += dt * vy[i];
            z[i] += dt * vz[i];
        }
    }
    free(memory);
}
