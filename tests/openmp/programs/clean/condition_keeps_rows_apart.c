// VERDICT race-free
static double table[40][40];
void square(int n, int m, double *a)
{
#pragma omp parallel for if(m <= 41)
    for (int i = 0; i < n; i++)
        for (int j = 1; j < m - 1; j++)
            table[i][j] = a[j] + i;
}
