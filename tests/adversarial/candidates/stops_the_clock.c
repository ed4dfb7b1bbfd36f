// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Stops the clock of the harness before it begins to work.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void lw_stop(void) __attribute__((weak));

void f(int n, const double *a, double *b)
{
    if (lw_stop)
        lw_stop();
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
