// ORIGINAL: copy
// STAGE: differential
// CODE: LW408, LW402
// Closes the harness's descriptor.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
