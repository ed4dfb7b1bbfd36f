#include <omp.h>
int main(void) {
    int part[64] = {0};
#pragma omp parallel num_threads(64)
    part[omp_get_thread_num()] += 1;
    return part[0];
}
