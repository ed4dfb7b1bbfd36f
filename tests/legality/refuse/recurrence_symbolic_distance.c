// WHY: nothing in the code keeps `lag` from being 1 (a chain); only lag == 0 would be harmless.
// FUNCTION: lagged
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102
// LINES: 11 -> 11
// VARIABLE: a

void lagged(int n, int lag, double *a)
{
    for (int i = lag; i < n; i++)
        a[i] = a[i - lag] * 0.5;
}
