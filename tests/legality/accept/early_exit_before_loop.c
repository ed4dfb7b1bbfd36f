// FUNCTION: guarded
// LOOP: i
// EXPECT: proved
// ASSUMES: none

int guarded(int n, double *a)
{
    if (n <= 0)
        return -1;
    for (int i = 0; i < n; i++)
        a[i] = 0.0;
    return 0;
}
