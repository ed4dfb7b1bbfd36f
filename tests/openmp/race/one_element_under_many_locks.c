#include <omp.h>
omp_lock_t locks[16];
int sum;
int main(void) {
    for (int i = 0; i < 16; i++)
        omp_init_lock(&locks[i]);
#pragma omp parallel for
    for (int i = 0; i < 16; i++) {
        omp_set_lock(&locks[i]);
        sum += i; // FIRST sum
        omp_unset_lock(&locks[i]);
    }
    return sum;
}
