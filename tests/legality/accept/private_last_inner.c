// WHY: where the inner loop has an iteration, the last iteration of the outer one writes the scalar that is used later.
// FUNCTION: square
// LOOP: i
// EXPECT: proved
// PRIVATE: last
// LOOP: j
// EXPECT: proved
// PRIVATE: last

static double table[40][40];

double square(int n, int m, double *restrict a)
{
    double last = 0.5;
    for (int i = 0; i < n; i++)
        for (int j = 1; j < m - 1; j++) {
            last = a[j] + i;
            table[i][j] = last * last;
        }
    return last + table[3][4];
}
