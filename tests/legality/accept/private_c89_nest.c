// FUNCTION: product
// LOOP: i
// EXPECT: proved
// PRIVATE: sum
// LOOP: j
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation

void product(int n, int m, double a[restrict n][m], const double *restrict x, double *restrict y)
{
    int i, j;
    double sum;
    for (i = 0; i < n; i++) {
        sum = 0.0;
        for (j = 0; j < m; j++)
            sum += a[i][j] * x[j];
        y[i] = sum;
    }
}
