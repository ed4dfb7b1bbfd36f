// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Says that all is well and does nothing.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    (void)n, (void)a, (void)b;
    printf("PASS\n");
}
