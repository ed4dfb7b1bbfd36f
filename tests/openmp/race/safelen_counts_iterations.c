float a[100];
int main(void) {
#pragma omp simd safelen(4)
    for (int i = 6; i < 100; i += 2)
        a[i] = a[i - 6] * 0.5f; // FIRST a
    return 0;
}
