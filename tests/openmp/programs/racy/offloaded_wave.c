// VERDICT race
#define NX 256
#define NY 256
void step(float (*restrict u)[NY], float (*restrict v)[NY], int steps) {
#pragma omp target data map(tofrom : u[0 : NX], v[0 : NX])
    for (int t = 0; t < steps; t++) {
#pragma omp target teams distribute parallel for collapse(2)
        for (int i = 1; i < NX - 1; i++)
            for (int j = 1; j < NY - 1; j++) {
                v[i][j] += u[i - 1][j] + u[i + 1][j] - 4.0f * u[i][j];
                u[i][j] += 0.1f * v[i][j];
            }
    }
}
