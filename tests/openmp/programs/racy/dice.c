// VERDICT unknown
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[]) {
    long n = argc > 1 ? atol(argv[1]) : 1000000, inside = 0;
    unsigned seed = 42;
#pragma omp parallel for reduction(+ : inside)
    for (long i = 0; i < n; i++) {
        double x = rand_r(&seed) / (double)RAND_MAX, y = rand_r(&seed) / (double)RAND_MAX;
        if (x * x + y * y <= 1.0)
            inside++;
    }
    printf("%f\n", 4.0 * inside / n);
    return 0;
}
