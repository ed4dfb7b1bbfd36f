#include <stdio.h>
int main(void) {
#pragma omp parallel
    {
        int n;
#pragma omp single copyprivate(n)
        n = 10;
        printf("%d\n", n);
    }
    return 0;
}
