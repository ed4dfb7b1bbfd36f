// VERDICT race
#include <omp.h>
int main(void) {
    omp_lock_t l;
    int x = 0;
    omp_init_lock(&l);
#pragma omp parallel
    {
        omp_set_lock(&l);
        x++;
        omp_unset_lock(&l);
#pragma omp master
        omp_destroy_lock(&l);
    }
    return x;
}
