// WHY: all iterations read the last element, which the last iteration overwrites.
// FUNCTION: subtract
// LOOP: i
// EXPECT: refuted LW102
// LINES: 11 -> 11
// VARIABLE: a

void subtract(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[i] - a[n - 1];
}
