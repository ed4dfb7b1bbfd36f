// WHY: where a[i] is not positive, t is that of an earlier iteration.
// FUNCTION: hold
// LOOP: i
// EXPECT: undecided LW105 or undecided LW213

void hold(int n, const double *restrict a, double *restrict b)
{
    double t = 0.0;
    for (int i = 0; i < n; i++) {
        if (a[i] > 0.0)
            t = a[i];
        b[i] = t;
    }
}
