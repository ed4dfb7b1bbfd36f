// ORIGINAL: shift
// STAGE: differential, races
// CODE: LW402, LW403
// A recurrence that runs in parallel.
void f(int n, double *a, const double *b)
{
#pragma omp parallel for
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] + b[i];
}
