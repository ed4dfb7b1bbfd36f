// CODE LW225
int a[64], b[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp for schedule(static, 2) nowait
        for (int i = 62; i >= 0; i -= 2)
            a[i] = i;
#pragma omp for schedule(static, 4)
        for (int i = 62; i >= 0; i--)
            b[i] = a[i];
    }
    return b[0];
}
