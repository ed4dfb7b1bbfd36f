// CODE LW214
#include <stdlib.h>
int main(void) {
    double *rows[10];
    for (int i = 0; i < 10; i++)
        rows[i] = malloc(8 * sizeof(double));
#pragma omp parallel for
    for (int i = 0; i < 10; i++)
        rows[i][0] = i;
    return 0;
}
