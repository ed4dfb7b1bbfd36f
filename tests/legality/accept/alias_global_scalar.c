// FUNCTION: scale
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

double factor;

void scale(int n, const double *restrict a, double *out)
{
    for (int i = 0; i < n; i++)
        out[i] = a[i] * factor;
}
