// WHY: index may hold the same value twice.
// FUNCTION: scatter
// LOOP: i
// EXPECT: undecided LW209

void scatter(int n, const int *restrict index, const double *restrict a, double *restrict out)
{
    for (int i = 0; i < n; i++)
        out[index[i]] = a[i];
}
