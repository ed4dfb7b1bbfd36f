// FUNCTION: borders
// LOOP: i
// EXPECT: proved
// ASSUMES: none
// LOOP: j
// EXPECT: proved
// ASSUMES: none

void borders(int n, double a[n][n])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            if (i == 0 || j == 0 || i == n - 1 || j == n - 1)
                a[i][j] = 1.0;
            else
                a[i][j] = 0.0;
        }
    }
}
