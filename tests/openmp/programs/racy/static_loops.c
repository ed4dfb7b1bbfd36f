// VERDICT race
void chain(int n, double *restrict a, double *restrict b, double *restrict c) {
#pragma omp parallel
    for (int t = 0; t < 10; t++) {
#pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++)
            b[i] = a[i] + t;
#pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++)
            c[i] += b[n - 1 - i];
#pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++)
            a[i] = c[i];
    }
}
