void copy(int n, double *restrict a, const double *restrict b) {
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        a[i] = b[i];
}
