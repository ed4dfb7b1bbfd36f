// VERDICT race
#define BODIES 2048
struct body {
    double x, y, z, mass;
};
static struct body bodies[BODIES];
static double force[BODIES][3];

void forces(void) {
#pragma omp parallel for schedule(guided)
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++) {
            double dx = bodies[j].x - bodies[i].x, dy = bodies[j].y - bodies[i].y, dz = bodies[j].z - bodies[i].z;
            double r2 = dx * dx + dy * dy + dz * dz + 1e-9, w = bodies[i].mass * bodies[j].mass / r2;
            force[i][0] += w * dx;
            force[i][1] += w * dy;
            force[i][2] += w * dz;
            force[j][0] -= w * dx;
            force[j][1] -= w * dy;
            force[j][2] -= w * dz;
        }
}
