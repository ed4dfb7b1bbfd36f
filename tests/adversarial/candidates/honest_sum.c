// ORIGINAL: sum
// STAGE: none
// CODE: none
// A correct reduction, in another order of additions: accepted.
double f(int n, const double *a)
{
    double s = 0.0;
#pragma omp parallel for reduction(+ : s)
    for (int i = 0; i < n; i++)
        s += a[i];
    return s;
}
