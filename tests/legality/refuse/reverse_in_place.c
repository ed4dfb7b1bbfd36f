// WHY: the second half is read after the first half was overwritten by it.
// FUNCTION: reverse
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102
// LINES: 11 -> 11
// VARIABLE: a

void reverse(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[n - 1 - i];
}
