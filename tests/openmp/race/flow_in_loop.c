void shift(int n, double *restrict a) {
#pragma omp parallel for
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] + 1.0; // FIRST a
}
