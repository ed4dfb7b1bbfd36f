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

/* The reciprocal of the cube of the square root, of normal positive numbers. */
static inline vec inverse_cube(vec square)
{
    const vec half = 0.5 * square;
    /* Half the exponent, negated: C. Lomont, Fast inverse square root, 2003, for doubles; within 3.5%. */
    vec y = (vec)(0x5FE6EB50C7B537A9ULL - ((bits)square >> 1));
    y = y * (1.5008789 - half * y * y); /* within 0.09% */
    y = y * (1.5 - half * y * y);       /* within 1.2e-6 */
    const vec y2 = y * y;
    const vec e = 1.0 - square * y2;
    return y2 * y * (1.0 + e * (1.5 + 1.875 * e));
}

static double sum_of(vec v)
{
    double sum = 0.0;
    for (int lane = 0; lane < LANES; lane++)
        sum += v[lane];
    return sum;
}

/* Pairs of the bodies of one block with bodies first .. last - 1 behind it, for both sides. */
static void meet_others(struct bodies b, struct forces a, int start, int first, int last, double softening2)
{
    for (int i = start; i < start + BLOCK; i++) {
        const double x = b.x[i], y = b.y[i], z = b.z[i], mass = b.mass[i];
        vec ax = {0}, ay = {0}, az = {0};
        for (int j = first; j < last; j += LANES) {
            const vec dx = *(const vec *)(b.x + j) - x;
            const vec dy = *(const vec *)(b.y + j) - y;
            const vec dz = *(const vec *)(b.z + j) - z;
            const vec f = inverse_cube(dx * dx + dy * dy + dz * dz + softening2);
            const vec here = *(const vec *)(b.mass + j) * f;
            const vec there = mass * f;
            ax += here * dx, ay += here * dy, az += here * dz;
            *(vec *)(a.x + j) -= there * dx;
            *(vec *)(a.y + j) -= there * dy;
            *(vec *)(a.z + j) -= there * dz;
        }
        a.x[i] += sum_of(ax), a.y[i] += sum_of(ay), a.z[i] += sum_of(az);
    }
}

/* All pairs within one block, each from both sides; a body feels nothing of itself, as its distance is 0. */
static void meet_each_other(struct bodies b, struct forces a, int start, double softening2)
{
    for (int i = start; i < start + BLOCK; i++) {
        const double x = b.x[i], y = b.y[i], z = b.z[i];
        vec ax = {0}, ay = {0}, az = {0};
        for (int j = start; j < start + BLOCK; j += LANES) {
            const vec dx = *(const vec *)(b.x + j) - x;
            const vec dy = *(const vec *)(b.y + j) - y;
            const vec dz = *(const vec *)(b.z + j) - z;
            const vec f = *(const vec *)(b.mass + j) * inverse_cube(dx * dx + dy * dy + dz * dz + softening2);
            ax += f * dx, ay += f * dy, az += f * dz;
        }
        a.x[i] += sum_of(ax), a.y[i] += sum_of(ay), a.z[i] += sum_of(az);
    }
}

/* All pairs of one block with itself and with those behind it. */
static void meet(struct bodies b, struct forces a, int block, int count, double softening2)
{
    meet_each_other(b, a, block * BLOCK, softening2);
    for (int first = (block + 1) * BLOCK; first < count; first += CHUNK)
        meet_others(b, a, block * BLOCK, first, smaller(first + CHUNK, count), softening2);
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
