// CODE LW222
void part(int n, double *restrict a) {
#pragma omp for
    for (int i = 0; i < n; i++)
        a[i] = 0.0;
}
