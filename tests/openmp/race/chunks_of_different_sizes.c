int a[64], b[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp for schedule(static, 4) nowait
        for (int i = 0; i < 64; i++)
            a[i] = i; // FIRST a
#pragma omp for schedule(static, 2)
        for (int i = 0; i < 32; i++)
            b[i] = a[i]; // SECOND
    }
    return b[0];
}
