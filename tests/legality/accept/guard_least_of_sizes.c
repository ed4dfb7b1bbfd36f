// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// ASSUMES: subscript-bounds, no-alias
// LOOP: other
// EXPECT: proved

void fill(int n, int m, int k, double a[][96], double b[][96])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < (n < m ? (n < k ? n : k) : (m < k ? m : k)); j++) {
            a[i][j] = 0.5 * j;
            b[i][j] = 2.0 * j;
        }
        for (int j = k; j < (n < m ? n : m); j++)
            a[i][j] = 1.0;
        for (int j = m > k ? m : k; j < n; j++)
            a[i][j] = 2.0;
        for (int j = m > n ? m : n; j < k; j++)
            b[i][j] = 3.0;
    }
}
