// FUNCTION: residual
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation
// LOOP: j
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation

double residual(int n, double u[n][n], double f[n][n])
{
    double sum = 0.0;
    for (int i = 1; i < n - 1; i++) {
        for (int j = 1; j < n - 1; j++) {
            const double r = f[i][j] - 4.0 * u[i][j] + u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1];
            sum += r * r;
        }
    }
    return sum;
}
