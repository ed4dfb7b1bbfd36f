// WHY: the last rows are passed over, whether the inner loop has an iteration or not.
// FUNCTION: square
// LOOP: i
// EXPECT: refuted LW106
// LOOP: j
// EXPECT: any

static double table[40][40];

double square(int n, int m, double *restrict a)
{
    double last = 0.5;
    for (int i = 0; i < n; i++)
        if (i < 7)
            for (int j = 0; j < m; j++) {
                last = a[j] + i;
                table[i][j] = last * last;
            }
    return last + table[3][4];
}
