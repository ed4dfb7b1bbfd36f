// WHY: one element is written by the iterations that match; the last one must win.
// FUNCTION: mark
// LOOP: i
// EXPECT: undecided LW103 or undecided LW106 or undecided LW213

void mark(int n, const double *restrict a, int *restrict found)
{
    for (int i = 0; i < n; i++)
        if (a[i] > 1.0)
            found[0] = i;
}
