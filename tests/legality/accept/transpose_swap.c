// FUNCTION: transpose
// LOOP: i
// EXPECT: proved
// ASSUMES: none
// LOOP: j
// EXPECT: proved
// ASSUMES: none

void transpose(int n, double a[n][n])
{
    for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
            const double t = a[i][j];
            a[i][j] = a[j][i];
            a[j][i] = t;
        }
    }
}
