// FUNCTION: product
// LOOP: i
// EXPECT: proved
// REDUCTIONS: p:*
// ASSUMES: reassociation

double product(int n, const double *a)
{
    double p = 1.0;
    for (int i = 0; i < n; i++)
        p *= a[i];
    return p;
}
