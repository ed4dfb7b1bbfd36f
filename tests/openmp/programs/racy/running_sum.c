// VERDICT race
void running_sum(int n, double *a) {
#pragma omp parallel for
    for (int i = 1; i < n; i++)
        a[i] += a[i - 1];
}
