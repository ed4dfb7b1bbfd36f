// FUNCTION: apply
// LOOP: i
// EXPECT: proved
// ASSUMES: none

static double clamp(double x, double low, double high)
{
    if (x < low)
        return low;
    return x > high ? high : x;
}

void apply(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = clamp(a[i], 0.0, 1.0);
}
