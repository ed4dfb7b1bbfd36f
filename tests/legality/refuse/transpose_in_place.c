// WHY: a[i][j] and a[j][i] are read and written by two iterations.
// FUNCTION: transpose
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102
// LINES: 14 -> 14
// VARIABLE: a
// LOOP: j
// EXPECT: proved

void transpose(int n, double a[n][n])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = a[j][i];
}
