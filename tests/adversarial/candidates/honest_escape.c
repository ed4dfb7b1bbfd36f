// ORIGINAL: escape
// STAGE: none
// CODE: none
// The temporary is private: accepted.
void f(int n, const double *a, double *b)
{
    double t;
#pragma omp parallel for private(t)
    for (int i = 0; i < n; i++) {
        t = 2.0 * a[i];
        b[i] = t + 1.0;
    }
}
