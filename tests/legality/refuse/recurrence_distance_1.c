// WHY: each element needs the one before it.
// FUNCTION: integrate
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11
// VARIABLE: a

void integrate(int n, double *a, const double *b)
{
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] + b[i];
}
