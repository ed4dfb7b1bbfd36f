// WHY: a[j] is written by every i >= j; the last one must win.
// FUNCTION: triangle
// LOOP: i
// EXPECT: refuted LW103
// LINES: 14 -> 14
// VARIABLE: a
// LOOP: j
// EXPECT: proved

void triangle(int n, double *restrict a, double b[restrict n][n])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            a[j] = b[i][j] + i;
}
