// VERDICT unknown
int main(void) {
    int a[100], b[100];
#pragma omp parallel
    {
#pragma omp for simd schedule(simd : static, 5) nowait
        for (int i = 0; i < 100; i++)
            a[i] = i;
#pragma omp for schedule(static, 5)
        for (int i = 0; i < 100; i++)
            b[i] = a[i];
    }
    return b[3];
}
