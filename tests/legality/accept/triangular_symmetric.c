// FUNCTION: mirror
// LOOP: i
// EXPECT: proved
// ASSUMES: none
// LOOP: j
// EXPECT: proved
// ASSUMES: none

void mirror(int n, double a[n][n])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            a[j][i] = a[i][j];
}
