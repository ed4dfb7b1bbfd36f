/* C += A * B, row major */
void matmul(int n, double *restrict c, const double *restrict a, const double *restrict b)
{
    /* loopwright: tile i, j, k by 32, 32, 64; parallel i_tile */
    #pragma omp parallel for collapse(2) if(1.0 * n * n * n > 8192)
    for (long long i_tile = 0; i_tile < n; i_tile += 32)
        for (long long j_tile = 0; j_tile < n; j_tile += 32)
            for (long long k_tile = 0; k_tile < n; k_tile += 64)
                for (int i = i_tile; i < (n < i_tile + 32 ? n : i_tile + 32); i++)
                    for (int j = j_tile; j < (n < j_tile + 32 ? n : j_tile + 32); j++)
                        for (int k = k_tile; k < (n < k_tile + 64 ? n : k_tile + 64); k++) { // inner product
                            c[i * n + j] += a[i * n + k] * b[k * n + j];
                        }
}
