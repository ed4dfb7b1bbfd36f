// WHY: `&*a` and `&(a + 1)[1]` are addresses of a's elements, though no pointer is followed.
// FUNCTION: smear
// LOOP: i
// EXPECT: undecided LW302

double smear(int n, int k, const int *col)
{
    double a[8] = {1.0}, *y = &*a, *z = k ? &(a + 1)[1] : y;
    for (int i = 0; i < n; i++)
        a[i] = z[col[i]];
    return a[3];
}
