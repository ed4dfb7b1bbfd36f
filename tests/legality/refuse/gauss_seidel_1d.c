// WHY: the left neighbour is this sweep's value, the right one the last sweep's.
// FUNCTION: relax
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102
// LINES: 11 -> 11
// VARIABLE: a

void relax(int n, double *a)
{
    for (int i = 1; i < n - 1; i++)
        a[i] = 0.5 * (a[i - 1] + a[i + 1]);
}
