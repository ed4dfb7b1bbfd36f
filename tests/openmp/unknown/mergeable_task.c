// CODE LW216
#include <stdio.h>
int main(void) {
    int x = 2;
#pragma omp task mergeable
    x++;
#pragma omp taskwait
    printf("%d\n", x);
    return 0;
}
