// FUNCTION: thirds
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void thirds(int n, double *a)
{
    for (int i = n; i > 2; i -= 3)
        a[i] = a[i - 1] + a[i - 2];
}
