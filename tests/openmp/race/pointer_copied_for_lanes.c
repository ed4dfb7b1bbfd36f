void fill(int n, int *p) {
#pragma omp parallel for simd firstprivate(p)
    for (int i = 0; i < n; i++)
        p[0] = i; // FIRST p
}
