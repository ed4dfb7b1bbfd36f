// WHY: the inner loop's bound is read anew in each iteration.
// FUNCTION: square
// LOOP: i
// EXPECT: refuted LW106 or undecided LW106 or undecided LW208 or undecided LW105
// LOOP: j
// EXPECT: any

static double table[40][40];

double square(int n, const int *restrict lengths, double *restrict a)
{
    double last = 0.5;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < lengths[i]; j++) {
            last = a[j] + i;
            table[i][j] = last * last;
        }
    return last + table[3][4];
}
