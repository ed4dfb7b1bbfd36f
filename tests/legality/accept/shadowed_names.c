// FUNCTION: shadow
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void shadow(int n, const double *restrict a, double *restrict b)
{
    double t = 1.0;
    for (int i = 0; i < n; i++) {
        double t = a[i];
        {
            double t = 2.0;
            b[i] = t;
        }
        b[i] += t;
    }
    b[0] += t;
}
