// FUNCTION: pairs
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void pairs(int n, double *a)
{
    for (int i = 0; i < n - 1; i += 2)
        a[i] = a[i + 1];
}
