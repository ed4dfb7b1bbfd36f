/*
 * Sparse matrix times vector, y = A x, with A in CSR form: row i holds
 * value[offset[i]] .. value[offset[i + 1] - 1] in the columns column[...].
 */

void spmv(int rows, const int *restrict offset, const int *restrict column, const double *restrict value,
          const double *restrict x, double *restrict y)
{
    for (int i = 0; i < rows; i++) {
        double sum = 0.0;
        for (int k = offset[i]; k < offset[i + 1]; k++)
            sum += value[k] * x[column[k]];
        y[i] = sum;
    }
}
