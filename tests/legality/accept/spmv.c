// FUNCTION: spmv
// LOOP: i
// EXPECT: proved
// LOOP: k
// EXPECT: proved
// REDUCTIONS: sum:+

void spmv(int n, const int *restrict offset, const int *restrict column, const double *restrict value,
          const double *restrict x, double *restrict y)
{
    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = offset[i]; k < offset[i + 1]; k++)
            sum += value[k] * x[column[k]];
        y[i] = sum;
    }
}
