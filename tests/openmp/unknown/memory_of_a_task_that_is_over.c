// CODE LW225
#include <stdlib.h>
int main(void) {
#pragma omp parallel
    {
        int *own = 0;
#pragma omp task if (0) shared(own)
        own = malloc(sizeof *own);
        *own = 1;
    }
    return 0;
}
