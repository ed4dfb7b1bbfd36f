// VERDICT race
void shift(int n, double *a)
{
#pragma omp parallel for if(n > 100)
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1];
}
