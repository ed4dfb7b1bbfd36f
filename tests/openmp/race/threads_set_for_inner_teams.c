#include <omp.h>
int x;
int main(void) {
#pragma omp parallel
    omp_set_num_threads(1);
#pragma omp parallel
    x++; // FIRST x
    return x;
}
