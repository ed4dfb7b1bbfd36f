#include <omp.h>
int main(void) {
    int threads = 0;
#pragma omp parallel
    {
        if (omp_get_thread_num() == 0)
            threads = omp_get_num_threads();
    }
    return threads;
}
