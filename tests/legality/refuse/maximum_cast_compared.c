// WHY: 1.2 does not replace 1.5 only because fractions are cut off where the two are compared.
// FUNCTION: largest
// LOOP: i
// EXPECT: refuted LW108 or undecided LW105 or refuted LW105

double largest(int n, const double *restrict a)
{
    double m = 1.5;
    for (int i = 0; i < n; i++)
        if (a[i] > (int)m)
            m = a[i];
    return m;
}
