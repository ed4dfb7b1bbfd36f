#include <stdlib.h>
int main(void) {
    double *a = malloc(200 * sizeof *a);
    double *b = a + 100;
#pragma omp parallel for
    for (int i = 0; i < 100; i++)
        a[i + 50] = b[i]; // FIRST a
    free(a);
    return 0;
}
