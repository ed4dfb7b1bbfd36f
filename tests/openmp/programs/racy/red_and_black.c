// VERDICT race
#define N 1000
static double u[N][N];

void sweep(void) {
    for (int colour = 0; colour < 2; colour++) {
#pragma omp parallel for
        for (int i = 1; i < N - 1; i++)
            for (int j = 1 + colour; j < N - 1; j += 2) /* the row is left out of the colour */
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
    }
}
