// FUNCTION: distance
// LOOP: i
// EXPECT: proved
// PRIVATE: dx, dy
// ASSUMES: none

#include <math.h>

void distance(int n, const double *restrict x, const double *restrict y, double *restrict r)
{
    int i;
    double dx, dy;
    for (i = 0; i < n; i++) {
        dx = x[i] - 1.0;
        dy = y[i] + 1.0;
        r[i] = sqrt(dx * dx + dy * dy);
    }
}
