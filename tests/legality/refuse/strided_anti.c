// WHY: iteration 1 reads a[2], which iteration 2 overwrites.
// FUNCTION: compact
// LOOP: i
// EXPECT: refuted LW102
// LINES: 11 -> 11
// VARIABLE: a

void compact(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[2 * i];
}
