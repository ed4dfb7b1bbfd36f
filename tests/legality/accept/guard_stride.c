// WHY: with stride == 0 all iterations write one element; the check excludes that.
// FUNCTION: strided
// LOOP: i
// EXPECT: proved
// ASSUMES: subscript-bounds

void strided(int n, int stride, double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n; i++)
        a[i * stride] = b[i];
}
