// WHY: the running value loses its fraction in every iteration.
// FUNCTION: steps
// LOOP: i
// EXPECT: refuted LW108 or refuted LW105
// VARIABLE: s

double steps(int n, const double *restrict a)
{
    double s = 0.0;
    for (int i = 0; i < n; i++)
        s = (int)s + a[i];
    return s;
}
