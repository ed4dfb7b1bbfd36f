// FUNCTION: negate
// LOOP: i
// EXPECT: proved

void negate(int n, double *a)
{
    for (int i = 0; i != n; ++i)
        a[i] = -a[i];
}
