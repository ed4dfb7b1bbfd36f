int a[64], b[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp for schedule(static, 1) nowait
        for (int i = 0; i < 64; i++)
            a[i] = i; // FIRST a
#pragma omp for schedule(static, 1)
        for (int i = 1; i < 64; i++)
            b[i] = a[i]; // SECOND
    }
    return b[0];
}
