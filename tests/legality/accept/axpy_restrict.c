// FUNCTION: axpy
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void axpy(int n, double alpha, const double *restrict x, double *restrict y)
{
    for (int i = 0; i < n; i++)
        y[i] += alpha * x[i];
}
