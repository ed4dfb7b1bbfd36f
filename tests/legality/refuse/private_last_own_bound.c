// WHY: the inner loop's bound is a variable of each iteration that has the name of one in front of the loop.
// FUNCTION: square
// LOOP: i
// EXPECT: refuted LW106 or undecided LW106
// LOOP: j
// EXPECT: any

static double table[40][40];

double square(int n, int m, double *restrict a)
{
    double last = 0.5;
    for (int i = m; i < n; i++) {
        int m = n - 1 - i;
        for (int j = 0; j < m; j++) {
            last = a[j] + i;
            table[i][j] = last * last;
        }
    }
    return last + table[3][4];
}
