void f(int n, double *a, const double *b)
{
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] + b[i];
}
