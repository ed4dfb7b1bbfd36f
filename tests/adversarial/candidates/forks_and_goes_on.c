// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Both processes come back from the call and would report results.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    if (n >= 0 && fork() < 0)
        return;
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
