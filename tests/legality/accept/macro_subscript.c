// FUNCTION: laplace
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved

#define IDX(i, j) ((i) * m + (j))

void laplace(int n, int m, const double *restrict u, double *restrict v)
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < m - 1; j++)
            v[IDX(i, j)] = u[IDX(i - 1, j)] + u[IDX(i + 1, j)] - 2.0 * u[IDX(i, j)];
}
