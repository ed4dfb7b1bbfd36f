float a[100];
int main(void) {
#pragma omp parallel
#pragma omp critical
    {
#pragma omp simd
        for (int i = 1; i < 100; i++)
            a[i] = a[i - 1] * 0.5f; // FIRST a
    }
    return 0;
}
