// FUNCTION: reverse
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void reverse(int n, double *a)
{
    for (int i = 0; i < n / 2; i++) {
        const double t = a[i];
        a[i] = a[n - 1 - i];
        a[n - 1 - i] = t;
    }
}
