// WHY: both names stand for one array.
// FUNCTION: rename_only
// LOOP: i
// EXPECT: refuted LW101 or undecided LW302 or undecided LW212

void rename_only(int n, double *a)
{
    const double *b = a;
    for (int i = 1; i < n; i++)
        a[i] = b[i - 1] * 0.5;
}
