// WHY: a[i] - s flips the sign of everything before; it is no sum.
// FUNCTION: alternate
// LOOP: i
// EXPECT: refuted LW108 or refuted LW105
// LINES: 12 -> 12
// VARIABLE: s

double alternate(int n, const double *a)
{
    double s = 0.0;
    for (int i = 0; i < n; i++)
        s = a[i] - s;
    return s;
}
