// ORIGINAL: copy
// STAGE: none
// CODE: none
// A correct candidate: accepted.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
