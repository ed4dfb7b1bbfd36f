// ORIGINAL: copy
// STAGE: differential
// CODE: LW412, LW407
// Takes all memory that it can get.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (;;) {
        char *volatile memory = malloc(1 << 24);
        memset(memory, 1, 1 << 24);
    }
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
