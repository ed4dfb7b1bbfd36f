// VERDICT race
double top;
void largest(int n, const double *restrict a) {
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        if (a[i] > top) {
#pragma omp critical
            if (a[i] > top)
                top = a[i];
        }
    }
}
