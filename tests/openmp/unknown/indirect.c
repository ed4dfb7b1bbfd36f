// CODE LW209
void scatter(int n, const int *where, double *a) {
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        a[where[i]] += 1.0;
}
