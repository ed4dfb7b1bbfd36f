double total(int n, const double *a) {
    double sum = 0.0;
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        sum += a[i]; // FIRST sum
    return sum;
}
