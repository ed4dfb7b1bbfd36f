// VERDICT unknown
#include <omp.h>
static int one, two;

void share(void) {
#pragma omp parallel num_threads(2)
    switch (omp_get_thread_num()) {
    case 0:
        one = 1;
        break;
    case 1:
        two = 2;
        break;
    }
}
