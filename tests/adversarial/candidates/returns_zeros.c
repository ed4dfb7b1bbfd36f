// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Nothing but zeros.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    (void)a;
    memset(b, 0, (size_t)n * sizeof *b);
}
