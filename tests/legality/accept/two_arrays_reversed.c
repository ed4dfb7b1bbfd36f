// FUNCTION: reverse
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void reverse(int n, const int *restrict a, int *restrict b)
{
    for (int i = 0; i < n; i++)
        b[n - 1 - i] = a[i];
}
