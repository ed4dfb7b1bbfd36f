// WHY: an iteration may read what another one has released.
// FUNCTION: drop
// LOOP: i
// EXPECT: undecided LW204

#include <stdlib.h>

void drop(int n, double *sums)
{
    double *rows[64];
    extern void fill(double **);
    fill(rows);
    for (int i = 0; i < n; i++) {
        sums[i] = rows[63 - i] != 0 ? sums[i] + rows[63 - i][0] : 0.0;
        free(rows[i]);
    }
}
