// WHY: iteration i reads the element that iteration i + 1 overwrites.
// FUNCTION: shift
// LOOP: i
// EXPECT: refuted LW102
// LINES: 11 -> 11
// VARIABLE: a

void shift(int n, double *a)
{
    for (int i = 0; i < n - 1; i++)
        a[i] = a[i + 1];
}
