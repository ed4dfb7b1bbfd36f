// VERDICT race
#include <stdlib.h>
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 100;
    double *field = malloc((n + 1) * sizeof *field), *inner = field + 1;
    for (int i = 0; i <= n; i++)
        field[i] = i;
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        inner[i] = 0.5 * field[i];
    free(field);
    return 0;
}
