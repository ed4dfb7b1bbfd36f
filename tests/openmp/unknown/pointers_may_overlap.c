// CODE LW302
void copy(int n, double *a, const double *b) {
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        a[i] = b[i];
}
