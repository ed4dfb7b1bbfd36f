#include <stdlib.h>
double *old, *new;
int main(void) {
    old = malloc(100 * sizeof(double));
    new = malloc(100 * sizeof(double));
    for (int step = 0; step < 10; step++) {
#pragma omp parallel for
        for (int i = 1; i < 99; i++)
            new[i] = old[i - 1] + old[i + 1];
        double *swap = old;
        old = new;
        new = swap;
    }
    return 0;
}
