// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// Writes to every descriptor, the harness's own among them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    for (int fd = 3; fd < 1024; fd++)
        if (write(fd, "PASS PASS PASS PASS PASS PASS PASS PASS PASS", 44) < 0)
            continue;
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
