// WHY: the loop variable grows by doubling.
// FUNCTION: mark
// LOOP: i
// EXPECT: undecided LW211 or undecided LW210

void mark(int n, double *a)
{
    for (int i = 1; i < n; i *= 2)
        a[i] = 1.0;
}
