// ORIGINAL: escape
// STAGE: differential, races
// CODE: LW402, LW403
// All iterations share the temporary.
void f(int n, const double *a, double *b)
{
    double t;
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        t = 2.0 * a[i];
        b[i] = t + 1.0;
    }
}
