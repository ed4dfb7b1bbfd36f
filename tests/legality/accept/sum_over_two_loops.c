// FUNCTION: norm
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation
// LOOP: j
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation

double norm(int n, int m, double a[n][m])
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            sum += a[i][j] * a[i][j];
    return sum;
}
