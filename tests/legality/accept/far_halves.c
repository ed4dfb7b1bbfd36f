// FUNCTION: fold
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void fold(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[i] + a[i + n];
}
