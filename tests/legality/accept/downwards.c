// FUNCTION: copy
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void copy(int n, const double *restrict a, double *restrict b)
{
    for (int i = n - 1; i >= 0; i--)
        b[i] = a[i];
}
