// FUNCTION: split
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void split(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[2 * i] = a[2 * i + 1] + 1.0;
}
