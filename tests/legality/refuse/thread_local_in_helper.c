// WHY: each thread has a factor of its own, and only the caller's was set.
// FUNCTION: scale
// LOOP: i
// EXPECT: undecided LW216 or undecided LW204

static _Thread_local double factor = 1.0;

static double scaled(double x)
{
    return x * factor;
}

void scale(int n, double x, const double *restrict a, double *restrict b)
{
    factor = x;
    for (int i = 0; i < n; i++)
        b[i] = scaled(a[i]);
}
