// WHY: the upper and left neighbours are this sweep's values, so both loops carry a chain.
// FUNCTION: relax
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102
// LINES: 16 -> 16
// VARIABLE: a
// LOOP: j
// EXPECT: refuted LW101 or refuted LW102
// LINES: 16 -> 16
// VARIABLE: a

void relax(int n, double a[n][n])
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            a[i][j] = 0.25 * (a[i - 1][j] + a[i][j - 1] + a[i][j + 1] + a[i + 1][j]);
}
