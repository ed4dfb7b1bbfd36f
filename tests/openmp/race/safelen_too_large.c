float a[100];
int main(void) {
#pragma omp simd safelen(8)
    for (int i = 4; i < 100; i++)
        a[i] = a[i - 4] * 0.5f; // FIRST a
    return 0;
}
