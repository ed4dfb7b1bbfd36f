// ORIGINAL: copy
// STAGE: compile
// CODE: LW401
// Its own waitpid() does the work, when the harness looks for children after the clock has stopped.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int count;
static const double *from;
static double *to;

pid_t waitpid(pid_t child, int *status, int options)
{
    for (int i = 0; i < count; i++)
        to[i] = sin(from[i]) + 1.0;
    (void)child, (void)status, (void)options;
    return -1;
}

void f(int n, const double *a, double *b)
{
    count = n;
    from = a;
    to = b;
}
