// ORIGINAL: copy
// STAGE: differential
// CODE: LW402
// A child process stays behind.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void f(int n, const double *a, double *b)
{
    if (fork() == 0) {
        sleep(1000);
        _exit(0);
    }
    for (int i = 0; i < n; i++)
        b[i] = sin(a[i]) + 1.0;
}
