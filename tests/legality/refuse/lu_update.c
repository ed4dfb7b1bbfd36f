// WHY: step k needs the rows that step k - 1 has changed; within one step all is independent.
// FUNCTION: lu
// LOOP: k
// EXPECT: refuted LW101
// LINES: 17 -> 17
// VARIABLE: a
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved

void lu(int n, double a[n][n])
{
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++)
            for (int j = k + 1; j < n; j++)
                a[i][j] -= a[i][k] * a[k][j];
}
