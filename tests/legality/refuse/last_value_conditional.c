// WHY: t is used after the loop, and only even iterations write it.
// FUNCTION: last_even
// LOOP: i
// EXPECT: refuted LW106 or refuted LW103 or undecided LW106
// VARIABLE: t

double last_even(int n, const double *restrict a, double *restrict b)
{
    double t = 0.0;
    for (int i = 0; i < n; i++) {
        b[i] = 0.0;
        if (i % 2 == 0) {
            t = a[i] * a[i];
            b[i] = t;
        }
    }
    return t;
}
