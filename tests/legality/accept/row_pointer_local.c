// FUNCTION: rows
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved

void rows(int n, int m, double *a)
{
    for (int i = 0; i < n; i++) {
        double *row = a + i * m;
        for (int j = 0; j < m; j++)
            row[j] = i + j;
    }
}
