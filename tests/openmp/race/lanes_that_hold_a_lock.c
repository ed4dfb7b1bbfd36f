#include <omp.h>
omp_lock_t locks[4];
float a[100];
int main(void) {
    for (int i = 0; i < 4; i++)
        omp_init_lock(&locks[i]);
#pragma omp parallel
    {
        omp_set_lock(&locks[1]);
#pragma omp simd
        for (int i = 1; i < 100; i++)
            a[i] = a[i - 1] * 0.5f; // FIRST a
        omp_unset_lock(&locks[1]);
    }
    return 0;
}
