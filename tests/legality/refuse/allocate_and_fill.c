// WHY: where the new row lies is not known in front of the loop, so nothing can be said of what is stored there.
// FUNCTION: allocate
// LOOP: other
// EXPECT: undecided LW214

#include <stdlib.h>

void allocate(int n, int m, double **rows)
{
    for (int i = 0; i < n; i++) {
        rows[i] = malloc(sizeof(double) * m);
        for (int j = 1; j < m; j++)
            rows[i][j] = rows[i][j - 1];
    }
}
