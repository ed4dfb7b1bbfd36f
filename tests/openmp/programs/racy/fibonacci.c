// VERDICT race
#include <stdio.h>
#include <stdlib.h>

static long fibonacci(int n) {
    long x, y;
    if (n < 2)
        return n;
#pragma omp task shared(x) if (n > 20)
    x = fibonacci(n - 1);
#pragma omp task shared(y)
    y = fibonacci(n - 2);
    return x + y;
}

int main(int argc, char **argv) {
    long result = 0;
#pragma omp parallel
#pragma omp single
    result = fibonacci(argc > 1 ? atoi(argv[1]) : 25);
    printf("%ld\n", result);
    return 0;
}
