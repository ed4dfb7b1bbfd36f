#include <omp.h>
omp_lock_t left[8], right[8];
int count[8];
int main(void) {
    for (int i = 0; i < 8; i++) {
        omp_init_lock(&left[i]);
        omp_init_lock(&right[i]);
    }
#pragma omp parallel sections
    {
#pragma omp section
        for (int i = 0; i < 8; i++) {
            omp_set_lock(&left[i]);
            count[i] += 1; // FIRST count
            omp_unset_lock(&left[i]);
        }
#pragma omp section
        for (int i = 0; i < 8; i++) {
            omp_set_lock(&right[i]);
            count[i] += 2; // SECOND
            omp_unset_lock(&right[i]);
        }
    }
    return count[0];
}
