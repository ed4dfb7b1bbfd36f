// ORIGINAL: copy
// STAGE: differential
// CODE: LW407
// Never ends.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    volatile int more = 1;
    while (more)
        ;
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
