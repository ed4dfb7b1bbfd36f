// WHY: p is based on a, so restrict says nothing about the two.
// FUNCTION: shift
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11

void shift(int n, double *restrict a)
{
    double *p = a + 1;
    for (int i = 0; i < n - 1; i++)
        p[i] = a[i];
}
