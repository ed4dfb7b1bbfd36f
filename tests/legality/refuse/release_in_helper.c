// WHY: the helper releases what another iteration may read.
// FUNCTION: drop
// LOOP: i
// EXPECT: undecided LW204

#include <stdlib.h>

static void forget(double *row)
{
    free(row);
}

void drop(int n, double **restrict rows, double *restrict sums)
{
    for (int i = 0; i < n; i++) {
        sums[i] = sums[n - 1 - i];
        forget(rows[i]);
    }
}
