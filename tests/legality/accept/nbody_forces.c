// FUNCTION: forces
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved
// REDUCTIONS: ax:+, ay:+

#include <math.h>

void forces(int n, const double *restrict x, const double *restrict y, double *restrict fx, double *restrict fy)
{
    for (int i = 0; i < n; i++) {
        double ax = 0.0, ay = 0.0;
        for (int j = 0; j < n; j++) {
            const double dx = x[j] - x[i];
            const double dy = y[j] - y[i];
            const double w = 1.0 / sqrt(dx * dx + dy * dy + 1e-9);
            ax += w * dx;
            ay += w * dy;
        }
        fx[i] = ax;
        fy[i] = ay;
    }
}
