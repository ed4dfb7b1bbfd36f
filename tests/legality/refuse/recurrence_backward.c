// WHY: back substitution runs downwards and reads what the iteration before wrote.
// FUNCTION: back
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11
// VARIABLE: x

void back(int n, double *x, const double *r)
{
    for (int i = n - 2; i >= 0; i--)
        x[i] = r[i] - 0.5 * x[i + 1];
}
