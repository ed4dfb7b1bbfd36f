// WHY: each thread has a factor of its own, and only the caller's was set.
// FUNCTION: scale
// LOOP: i
// EXPECT: undecided LW216 or undecided LW204

static _Thread_local double factor = 1.0;

void set(double x)
{
    factor = x;
}

void scale(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = a[i] * factor;
}
