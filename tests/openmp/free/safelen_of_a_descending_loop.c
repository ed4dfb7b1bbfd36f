float a[100];
int main(void) {
#pragma omp simd safelen(4)
    for (int i = 95; i >= 0; i--)
        a[i] = a[i + 4] * 0.5f;
    return 0;
}
