// CODE LW223
#include <omp.h>
int main(void) {
    int data = 0, ready = 0;
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0) {
#pragma omp critical
            data = 1;
#pragma omp atomic write
            ready = 1;
        } else {
            int seen = 0;
            while (!seen) {
#pragma omp atomic read
                seen = ready;
            }
#pragma omp critical
            data++;
        }
    }
    return data;
}
