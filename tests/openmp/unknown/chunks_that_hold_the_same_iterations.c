// CODE LW225
int a[64], b[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp for schedule(static, 4) nowait
        for (int i = 0; i < 4; i++)
            a[i] = i;
#pragma omp for schedule(static, 2)
        for (int i = 0; i < 2; i++)
            b[i] = a[i];
    }
    return b[0];
}
