// VERDICT unknown
typedef void (*kernel)(int i, double *a);

void for_each(int n, double *a, kernel run) {
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        run(i, a);
}
