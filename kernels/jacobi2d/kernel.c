/*
 * Jacobi relaxation of the Laplace equation on an n x n grid.
 *
 * Each sweep replaces every interior point by the mean of its neighbours and
 * itself. Two grids are used in turn; the result of every pair of sweeps is
 * in u. The boundary values are those that u and v hold on entry.
 */

void jacobi2d(int n, int sweeps, double u[n][n], double v[n][n])
{
    for (int t = 0; t < sweeps; t++) {
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                v[i][j] = 0.2 * (u[i][j] + u[i][j - 1] + u[i][j + 1] + u[i - 1][j] + u[i + 1][j]);

        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                u[i][j] = 0.2 * (v[i][j] + v[i][j - 1] + v[i][j + 1] + v[i - 1][j] + v[i + 1][j]);
    }
}
