// CODE LW214
void fill(int n, double **rows) {
#pragma omp parallel for
    for (int i = 1; i < n; i++)
        rows[i][0] = rows[i - 1][0];
}
