// VERDICT unknown
#include <omp.h>
#include <stdlib.h>
static double *shared_buffers[64];

double exchange(int n) {
    double total = 0.0;
#pragma omp parallel num_threads(64) reduction(+ : total)
    {
        int t = omp_get_thread_num(), next = (t + 1) % omp_get_num_threads();
        double *mine = malloc(n * sizeof *mine);
        shared_buffers[t] = mine;
#pragma omp barrier
        for (int i = 0; i < n; i++)
            mine[i] = t + i;
        /* a barrier is missing */
        for (int i = 0; i < n; i++)
            total += shared_buffers[next][i];
#pragma omp barrier
        free(mine);
    }
    return total;
}
