// FUNCTION: normalise
// LOOP: r
// EXPECT: proved
// LOOP: other
// EXPECT: any

static void scale_row(int n, double *row, double factor)
{
    for (int j = 0; j < n; j++)
        row[j] *= factor;
}

void normalise(int rows, int cols, double *restrict a, const double *restrict factor)
{
    for (int r = 0; r < rows; r++)
        scale_row(cols, a + r * cols, factor[r]);
}
