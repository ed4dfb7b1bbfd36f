// VERDICT race-free
#include <math.h>
#define BODIES 2048
struct body {
    double x, y, z, mass;
};
static struct body bodies[BODIES];
static double force[BODIES][3];

static void pull(const struct body *one, const struct body *other, double *into) {
    double dx = other->x - one->x, dy = other->y - one->y, dz = other->z - one->z;
    double r2 = dx * dx + dy * dy + dz * dz + 1e-9, w = one->mass * other->mass / (r2 * sqrt(r2));
    into[0] += w * dx;
    into[1] += w * dy;
    into[2] += w * dz;
}

void forces(double dt) {
#pragma omp parallel
    {
#pragma omp for
        for (int i = 0; i < BODIES; i++)
            for (int j = 0; j < BODIES; j++)
                if (i != j)
                    pull(&bodies[i], &bodies[j], force[i]);
#pragma omp for
        for (int i = 0; i < BODIES; i++)
            bodies[i].x += dt * force[i][0] / bodies[i].mass;
    }
}
