void f(int n, const double *a, double *b)
{
    double t;
    for (int i = 0; i < n; i++) {
        t = 2.0 * a[i];
        b[i] = t + 1.0;
    }
}
