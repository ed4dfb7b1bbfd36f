// WHY: a[2] is written by iteration 1 and read by iteration 2.
// FUNCTION: doubled
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11
// VARIABLE: a

void doubled(int n, double *a)
{
    for (int i = 1; i < n; i++)
        a[2 * i] = a[i] + 1.0;
}
