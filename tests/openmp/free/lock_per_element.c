#include <omp.h>
omp_lock_t locks[16];
int sums[16];
int main(void) {
    for (int i = 0; i < 16; i++)
        omp_init_lock(&locks[i]);
#pragma omp parallel for
    for (int i = 0; i < 256; i++) {
        omp_set_lock(&locks[i % 16]);
        sums[i % 16] += i;
        omp_unset_lock(&locks[i % 16]);
    }
    return sums[0];
}
