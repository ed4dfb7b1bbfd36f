/* C += A * B, row major */
void matmul(int n, double *restrict c, const double *restrict a, const double *restrict b)
{
    /* loopwright: interchange to i, k, j; parallel i; simd j */
    #pragma omp parallel for schedule(static) if(1.0 * n * n * n > 8192)
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            #pragma omp simd
            for (int j = 0; j < n; j++) { // inner product
                c[i * n + j] += a[i * n + k] * b[k * n + j];
            }
}
