// VERDICT race
#include <omp.h>
int main(void) {
    int a[64] = {0};
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(4)
    a[omp_get_thread_num()]++;
    return a[0];
}
