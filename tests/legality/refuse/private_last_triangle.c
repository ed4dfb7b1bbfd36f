// WHY: how often the inner loop runs depends on the outer iteration, and in the last one it does not run.
// FUNCTION: square
// LOOP: i
// EXPECT: refuted LW106
// LOOP: j
// EXPECT: any

static double table[40][40];

double square(int n, double *restrict a)
{
    double last = 0.5;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            last = a[j] + i;
            table[i][j] = last * last;
        }
    return last + table[3][4];
}
