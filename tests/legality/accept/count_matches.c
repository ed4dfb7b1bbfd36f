// FUNCTION: count
// LOOP: i
// EXPECT: proved
// REDUCTIONS: found:+
// ASSUMES: none

int count(int n, const double *a)
{
    int found = 0;
    for (int i = 0; i < n; i++)
        if (a[i] > 0.0)
            found++;
    return found;
}
