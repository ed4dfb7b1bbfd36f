// WHY: with stride == 0 all iterations write one element; with a negative one they run backwards.
// FUNCTION: strided
// LOOP: i
// EXPECT: undecided LW208 or undecided LW303

void strided(int n, int stride, double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n; i++)
        a[i * stride] = b[i];
}
