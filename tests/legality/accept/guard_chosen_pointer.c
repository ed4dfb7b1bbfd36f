// WHY: src may be a, which the loop writes; a check in front of the loop can tell.
// FUNCTION: choose
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

void choose(int n, int flag, double *restrict a, double *restrict b)
{
    const double *src = flag ? a : b;
    double *dst = a;
    for (int i = 1; i < n; i++)
        dst[i] = src[i - 1] * 0.5;
}
