// FUNCTION: last
// LOOP: i
// EXPECT: proved or undecided LW106
// PRIVATE: t

double last(int n, const double *restrict a, double *restrict b)
{
    double t = 0.0;
    for (int i = 0; i < n; i++) {
        t = a[i] * 0.5;
        b[i] = t;
    }
    return t;
}
