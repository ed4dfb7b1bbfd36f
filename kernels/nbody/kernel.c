/*
 * One time step of n gravitating bodies, all pairs, G = 1.
 *
 * The softening length keeps the force of close pairs finite. Semi-implicit
 * Euler: velocities first, then positions with the new velocities.
 */

#include <math.h>

void nbody(int n, double dt, double softening, const double *mass,
           double *x, double *y, double *z, double *vx, double *vy, double *vz)
{
    for (int i = 0; i < n; i++) {
        double ax = 0.0;
        double ay = 0.0;
        double az = 0.0;
        for (int j = 0; j < n; j++) {
            const double dx = x[j] - x[i];
            const double dy = y[j] - y[i];
            const double dz = z[j] - z[i];
            const double r2 = dx * dx + dy * dy + dz * dz + softening * softening;
            const double f = mass[j] / (r2 * sqrt(r2));
            ax += f * dx;
            ay += f * dy;
            az += f * dz;
        }
        vx[i] += dt * ax;
        vy[i] += dt * ay;
        vz[i] += dt * az;
    }

    for (int i = 0; i < n; i++) {
        x[i] += dt * vx[i];
        y[i] += dt * vy[i];
        z[i] += dt * vz[i];
    }
}
