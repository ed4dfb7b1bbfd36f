// FUNCTION: add
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

void add(int n, const double *a, const double *b, double *c)
{
    for (int i = 0; i < n; i++)
        c[i] = a[i] + b[i];
}
