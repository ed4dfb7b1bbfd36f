// VERDICT race
#include <omp.h>
int main(void) {
    omp_lock_t l;
    int x = 0;
#pragma omp parallel
    {
        omp_init_lock(&l);
        omp_set_lock(&l);
        x++;
        omp_unset_lock(&l);
    }
    return x;
}
