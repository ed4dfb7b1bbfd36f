// WHY: how often the inner loop runs in the last iteration cannot be told by an expression in front of the nest.
// FUNCTION: square
// LOOP: i
// EXPECT: refuted LW106
// LOOP: j
// EXPECT: any

static double table[40][80];

double square(int n, int m, double *restrict a)
{
    double last = 0.5;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i + m; j++) {
            last = a[j] + i;
            table[i][j] = last * last;
        }
    return last + table[3][4];
}
