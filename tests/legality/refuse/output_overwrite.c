// WHY: every i writes the whole of a; the last one must win.
// FUNCTION: overwrite
// LOOP: i
// EXPECT: refuted LW103
// LINES: 14 -> 14
// VARIABLE: a
// LOOP: j
// EXPECT: proved

void overwrite(int n, int m, double *restrict a, double b[restrict n][m])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            a[j] = b[i][j];
}
