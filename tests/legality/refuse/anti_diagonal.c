// WHY: row i reads row i + 1 before that is overwritten; within one row nothing is shared.
// FUNCTION: skew
// LOOP: i
// EXPECT: refuted LW102
// LINES: 14 -> 14
// VARIABLE: a
// LOOP: j
// EXPECT: proved

void skew(int n, double a[n][n])
{
    for (int i = 0; i < n - 1; i++)
        for (int j = 1; j < n; j++)
            a[i][j] = 0.5 * a[i + 1][j - 1];
}
