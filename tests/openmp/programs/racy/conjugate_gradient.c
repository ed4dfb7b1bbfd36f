// VERDICT race
void direction(int n, double *restrict r, double *restrict p, double *restrict x, double alpha) {
    double rho = 0.0;
#pragma omp parallel
    {
#pragma omp for reduction(+ : rho) nowait
        for (int i = 0; i < n; i++)
            rho += r[i] * r[i];
#pragma omp for
        for (int i = 0; i < n; i++) {
            x[i] += alpha * p[i];
            p[i] = r[i] + rho * p[i];
        }
    }
}
