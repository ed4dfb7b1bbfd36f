// CODE LW225
int a[64], b[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp for schedule(static, 64) nowait
        for (int i = 0; i < 64; i++)
            a[i] = i;
#pragma omp for schedule(static, 64)
        for (int i = 1; i < 64; i++)
            b[i] = a[i - 1];
    }
    return b[0];
}
