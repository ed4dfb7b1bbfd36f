// CODE LW214
#include <stdlib.h>
int main(void) {
    int *last = malloc(sizeof *last);
    for (int k = 0; k < 9; k++) {
        int *next = malloc(sizeof *next);
#pragma omp parallel sections
        {
#pragma omp section
            *last = k;
#pragma omp section
            *next = k;
        }
        last = next;
    }
    return 0;
}
