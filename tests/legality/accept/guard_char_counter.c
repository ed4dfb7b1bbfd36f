// WHY: a counter of eight bits wraps around at 256; the check excludes that.
// FUNCTION: fill
// LOOP: c
// EXPECT: proved
// ASSUMES: no-wrap

void fill(int n, const double *restrict b, double *restrict a)
{
    for (unsigned char c = 0; c != n; c++)
        a[c] = b[c];
}
