int a[65], b[65];
int main(void) {
#pragma omp simd
    for (int i = 1; i < 64; i++) {
        b[i] = a[i - 1]; // SECOND
#pragma omp ordered simd
        a[i] = i; // FIRST a
    }
    return b[3];
}
