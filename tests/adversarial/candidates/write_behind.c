// ORIGINAL: copy
// STAGE: differential
// CODE: LW404
// One element too far.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int i = 0; i <= n; i++)
        b[i] = i < n ? sin(a[i]) + 1.0 : 0.0;
}
