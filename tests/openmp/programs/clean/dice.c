// VERDICT race-free
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[]) {
    long n = argc > 1 ? atol(argv[1]) : 1000000, inside = 0;
#pragma omp parallel reduction(+ : inside)
    {
    unsigned seed = 42 + omp_get_thread_num();
#pragma omp for
    for (long i = 0; i < n; i++) {
        double x = rand_r(&seed) / (double)RAND_MAX, y = rand_r(&seed) / (double)RAND_MAX;
        if (x * x + y * y <= 1.0)
            inside++;
    }
    }
    printf("%f\n", 4.0 * inside / n);
    return 0;
}
