// FUNCTION: recur
// LOOP: r
// EXPECT: proved
// ASSUMES: none
// LOOP: t
// EXPECT: refuted LW101

void recur(int n, int m, double x[n][m])
{
    for (int r = 0; r < n; r++)
        for (int t = 1; t < m; t++)
            x[r][t] = 0.9 * x[r][t - 1] + x[r][t];
}
