// FUNCTION: matmul
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved
// LOOP: k
// EXPECT: proved
// REDUCTIONS: sum:+

void matmul(int n, const double *restrict a, const double *restrict b, double *restrict c)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            double sum = 0.0;
            for (int k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
    }
}
