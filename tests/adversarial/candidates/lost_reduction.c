// ORIGINAL: sum
// STAGE: differential, races
// CODE: LW402, LW403
// The reduction clause is gone.
double f(int n, const double *a)
{
    double s = 0.0;
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        s += a[i];
    return s;
}
