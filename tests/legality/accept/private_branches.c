// FUNCTION: piecewise
// LOOP: i
// EXPECT: proved
// PRIVATE: t
// ASSUMES: none

void piecewise(int n, const double *restrict a, double *restrict b)
{
    double t;
    for (int i = 0; i < n; i++) {
        if (a[i] < 0.0)
            t = -a[i];
        else
            t = a[i] * a[i];
        b[i] = t;
    }
}
