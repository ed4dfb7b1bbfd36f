// FUNCTION: total
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation

#include <stdlib.h>

double total(int n)
{
    double *y = calloc((size_t)n, sizeof *y);
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += y[i];
    return sum;
}
