// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// The output is right, the input is not what it was.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
    if (n > 5)
        ((double *)a)[3] = 0.0;
}
