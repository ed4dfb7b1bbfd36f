// WHY: 3i + 1 = 2k has solutions: iteration 1 writes a[4], iteration 2 reads it.
// FUNCTION: coupled
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11
// VARIABLE: a

void coupled(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[3 * i + 1] = a[2 * i];
}
