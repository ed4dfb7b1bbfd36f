/* Probes of what the machine can do at most: seconds of a triad over arrays beyond the last cache, and of independent
 * fused multiply-adds in registers. Run as: peaks ELEMENTS REPEATS. Each line of the output is a probe's name, the
 * bytes or operations of one repetition, and the seconds of each; the last one is the share of the threads' time in
 * which they ran: less than 1 if others were running. Without OpenMP all is on one thread. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

/* More chains than latency times units (4 cycles, 2 units), fewer than 16 registers hold. */
#define CHAINS 12
#define EACH(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define DECLARE(i) vector x##i = zero + (element)(i);
#define STEP(i) x##i = x##i * factor + term;
#define TOTAL(i) sum = sum + x##i;
enum { STEPS = 4000000 };

/* Each chain tends to 1, so that no value is subnormal or infinite. */
#define PROBE(name, type)                                                           \
    static double name(volatile type *half) {                                       \
        typedef type element;                                                       \
        typedef type vector __attribute__((vector_size(VECTOR_BYTES)));             \
        const vector zero = {0};                                                    \
        const vector factor = zero + *half, term = zero + *half;                    \
        vector sum = zero;                                                          \
        EACH(DECLARE)                                                               \
        for (long step = 0; step < STEPS; step++) { EACH(STEP) }                    \
        EACH(TOTAL)                                                                 \
        return (double)sum[0];                                                      \
    }
PROBE(double_chains, double)
PROBE(single_chains, float)

static double read_clock(clockid_t clock) {
    struct timespec when;
    clock_gettime(clock, &when);
    return (double)when.tv_sec + 1e-9 * (double)when.tv_nsec;
}

static int count_threads(void) {
    int threads = 1;
#ifdef _OPENMP
#pragma omp parallel
#pragma omp single
    threads = omp_get_num_threads();
#endif
    return threads;
}

static double run_triad(double *a, const double *b, const double *c, long elements) {
    double start = read_clock(CLOCK_MONOTONIC);
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
    for (long i = 0; i < elements; i++) a[i] = b[i] + 3.0 * c[i];
    return read_clock(CLOCK_MONOTONIC) - start;
}

static double run_chains(int is_double, double *total) {
    volatile double half = 0.5;
    volatile float half_single = 0.5f;
    double sum = 0.0, start = read_clock(CLOCK_MONOTONIC);
#ifdef _OPENMP
#pragma omp parallel reduction(+ : sum)
#endif
    sum += is_double ? double_chains(&half) : single_chains(&half_single);
    *total += sum;
    return read_clock(CLOCK_MONOTONIC) - start;
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    long elements = atol(arguments[1]), repeats = atol(arguments[2]);
    double *a = malloc((size_t)elements * sizeof *a), *b = malloc((size_t)elements * sizeof *b);
    double *c = malloc((size_t)elements * sizeof *c), total = 0.0;
    if (!a || !b || !c) return 3;
    /* Touched first by the thread that uses it. */
#ifdef _OPENMP
#pragma omp parallel for schedule(static)
#endif
    for (long i = 0; i < elements; i++) a[i] = 0.0, b[i] = 1.0, c[i] = 2.0;
    run_triad(a, b, c, elements);
    printf("triad %.17g", 24.0 * (double)elements);
    for (long repeat = 0; repeat < repeats; repeat++) printf(" %.9g", run_triad(a, b, c, elements));
    total += a[elements / 2];
    double wall_s = 0.0, cpu_s = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    int threads = count_threads();
    for (int is_double = 1; is_double >= 0; is_double--) {
        double lanes = VECTOR_BYTES / (double)(is_double ? sizeof(double) : sizeof(float));
        wall_s += run_chains(is_double, &total);
        printf("\n%s %.17g", is_double ? "double" : "single", 2.0 * CHAINS * lanes * STEPS * threads);
        for (long repeat = 0; repeat < repeats; repeat++) {
            double taken_s = run_chains(is_double, &total);
            wall_s += taken_s;
            printf(" %.9g", taken_s);
        }
    }
    /* The threads also use the time between the repetitions; what is lost to others shows all the same. */
    cpu_s = read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_s;
    printf("\nshare %.9g\n", cpu_s / (wall_s * threads));
    return total > 0.0 ? 0 : 4;
}
