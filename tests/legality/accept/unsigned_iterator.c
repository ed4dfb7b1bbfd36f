// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void fill(unsigned n, double *a)
{
    for (unsigned i = 0; i < n; i++)
        a[i] = 1.0 / (i + 1.0);
}
