// FUNCTION: square
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void square(int n, float *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[i] * a[i];
}
