// WHY: only even iterations write t; the odd ones read the value of the iteration before.
// FUNCTION: hold
// LOOP: i
// EXPECT: refuted LW105
// LINES: 13 -> 14
// VARIABLE: t

void hold(int n, const double *restrict a, double *restrict b)
{
    double t = 0.0;
    for (int i = 0; i < n; i++) {
        if (i % 2 == 0)
            t = a[i];
        b[i] = t;
    }
}
