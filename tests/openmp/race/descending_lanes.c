float a[100];
int main(void) {
#pragma omp simd
    for (int i = 98; i >= 0; i--)
        a[i] = a[i + 1] * 0.5f; // FIRST a
    return 0;
}
