#include <omp.h>
int main(void) {
    omp_lock_t one, two;
    int x = 0;
    omp_init_lock(&one);
    omp_init_lock(&two);
#pragma omp parallel sections
    {
#pragma omp section
        {
            omp_set_lock(&one);
            x += 1; // FIRST x
            omp_unset_lock(&one);
        }
#pragma omp section
        {
            omp_set_lock(&two);
            x += 2; // SECOND
            omp_unset_lock(&two);
        }
    }
    return x;
}
