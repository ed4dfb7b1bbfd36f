// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Off by one tile: the last, incomplete one is missing.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int t = 0; t < n / 8 * 8; t += 8)
        for (int i = t; i < t + 8; i++)
            b[i] = sin(a[i]) + 1.0;
}
