#include <stdio.h>
int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        x = 1;             // FIRST x
        printf("%d\n", x); // SECOND
#pragma omp taskwait
    }
    return 0;
}
