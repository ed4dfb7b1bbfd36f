// FUNCTION: dot
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: reassociation

double dot(int n, const double *a, const double *b)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}
