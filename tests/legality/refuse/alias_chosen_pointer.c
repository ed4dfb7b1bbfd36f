// WHY: src is a or b, depending on a flag, and dst is a.
// FUNCTION: choose
// LOOP: i
// EXPECT: undecided LW302 or undecided LW212

void choose(int n, int flag, double *restrict a, double *restrict b)
{
    const double *src = flag ? a : b;
    double *dst = a;
    for (int i = 1; i < n; i++)
        dst[i] = src[i - 1] * 0.5;
}
