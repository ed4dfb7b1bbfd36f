// WHY: row k is read by every i and written by i == k, as far as the subscripts say.
// FUNCTION: paths
// LOOP: k
// EXPECT: refuted LW101 or refuted LW102
// LINES: 23 -> 23
// VARIABLE: d
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102
// LINES: 23 -> 23
// VARIABLE: d
// LOOP: j
// EXPECT: refuted LW101 or refuted LW102
// LINES: 23 -> 23
// VARIABLE: d

#include <math.h>

void paths(int n, double d[n][n])
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                d[i][j] = fmin(d[i][j], d[i][k] + d[k][j]);
}
