#include <stdlib.h>
int main(void) {
    double *all = malloc(200 * sizeof(double));
    double *half[2] = {&all[0], &all[100]};
    int now = 0;
    for (int step = 0; step < 10; step++) {
#pragma omp parallel for
        for (int i = 1; i < 99; i++)
            half[1 - now][i] = half[now][i - 1] + half[now][i + 1];
        now = 1 - now;
    }
    free(all);
    return 0;
}
