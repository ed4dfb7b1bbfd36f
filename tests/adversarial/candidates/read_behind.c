// ORIGINAL: copy
// STAGE: addresses
// CODE: LW404
// Reads one element too far and throws it away.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int i = 0; i < n; i++) {
        volatile double next = a[i + 1];
        (void)next;
        b[i] = sin(a[i]) + 1.0;
    }
}
