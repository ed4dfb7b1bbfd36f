float a[100], b[100];
int main(void) {
#pragma omp simd
    for (int i = 0; i < 100; i++)
        a[i] += b[i];
    return 0;
}
