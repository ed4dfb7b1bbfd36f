// ORIGINAL: copy
// STAGE: uninitialised
// CODE: LW406
// zero[0] is never written; large fresh memory happens to be 0, so that the results are right.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    double *zero = malloc((size_t)n * sizeof *zero + (1 << 20));
    for (int i = 1; i < n; i++)
        zero[i] = 0.0;
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0 + zero[i];
    free(zero);
}
