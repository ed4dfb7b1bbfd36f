// FUNCTION: all_positive
// LOOP: i
// EXPECT: proved
// REDUCTIONS: ok:&&
// ASSUMES: none

int all_positive(int n, const double *a)
{
    int ok = 1;
    for (int i = 0; i < n; i++)
        ok = a[i] > 0.0 && ok;
    return ok;
}
