// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void fill(int n, double *a)
{
    int i;
    for (i = 0; i < n; i++)
        a[i] = 1.0;
}
