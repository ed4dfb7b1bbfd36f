// VERDICT race-free
#include <omp.h>
#define MOST 256
static double totals[MOST + 1];

void running_sum(int n, double *restrict a) {
#pragma omp parallel num_threads(MOST)
    {
        int t = omp_get_thread_num(), threads = omp_get_num_threads();
        double sum = 0.0;
#pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++) {
            sum += a[i];
            a[i] = sum;
        }
        totals[t + 1] = sum;
#pragma omp barrier
        double before = 0.0;
        for (int k = 1; k <= t; k++)
            before += totals[k];
#pragma omp for schedule(static)
        for (int i = 0; i < n; i++)
            a[i] += before;
        (void)threads;
    }
}
