// FUNCTION: columns
// LOOP: i
// EXPECT: refuted LW101
// LOOP: j
// EXPECT: proved
// ASSUMES: none

void columns(int n, int m, double x[n][m])
{
    for (int i = 1; i < n; i++)
        for (int j = 0; j < m; j++)
            x[i][j] += x[i - 1][j];
}
