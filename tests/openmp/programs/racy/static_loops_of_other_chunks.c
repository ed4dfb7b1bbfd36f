// VERDICT race
void chain(int n, double *restrict a, double *restrict b, double *restrict c) {
#pragma omp parallel
    for (int t = 0; t < 10; t++) {
#pragma omp for schedule(static, 8) nowait
        for (int i = 0; i < n; i++)
            b[i] = a[i] + t;
#pragma omp for schedule(static, 4) nowait
        for (int i = 0; i < n; i++)
            c[i] += b[i];
#pragma omp for schedule(static, 8) nowait
        for (int i = 0; i < n; i++)
            a[i] = c[i];
    }
}
