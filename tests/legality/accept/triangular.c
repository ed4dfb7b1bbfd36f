// FUNCTION: lower
// LOOP: i
// EXPECT: proved
// ASSUMES: none
// LOOP: j
// EXPECT: proved
// ASSUMES: none

void lower(int n, double a[restrict n][n], const double *restrict b)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            a[i][j] = b[i] * b[j];
}
