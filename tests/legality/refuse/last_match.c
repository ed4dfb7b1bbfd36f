// WHY: the last index that fits is wanted; which iteration writes last is known only at run time.
// FUNCTION: last
// LOOP: i
// EXPECT: undecided LW106 or undecided LW213 or refuted LW106

int last(int n, const double *a)
{
    int at = -1;
    for (int i = 0; i < n; i++)
        if (a[i] > 0.0)
            at = i;
    return at;
}
