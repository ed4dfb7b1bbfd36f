// FUNCTION: relax
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void relax(int n, double *a)
{
    for (int i = 1; i < n - 1; i += 2)
        a[i] = 0.5 * (a[i - 1] + a[i + 1]);
}
