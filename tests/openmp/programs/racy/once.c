// VERDICT race
#include <math.h>
static double table[1024];
static int is_ready;

static double look_up(int i) {
    if (!is_ready) {
#pragma omp critical
        {
            if (!is_ready) {
                for (int k = 0; k < 1024; k++)
                    table[k] = sin(k * 0.001);
                is_ready = 1;
            }
        }
    }
    return table[i & 1023];
}

void apply(int n, double *restrict out) {
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        out[i] = look_up(i);
}
