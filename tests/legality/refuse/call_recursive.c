// WHY: a helper that calls itself cannot be taken apart.
// FUNCTION: apply
// LOOP: i
// EXPECT: undecided LW219 or undecided LW204

static int depth(int x)
{
    return x <= 1 ? 0 : 1 + depth(x / 2);
}

void apply(int n, const int *restrict a, int *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = depth(a[i]);
}
