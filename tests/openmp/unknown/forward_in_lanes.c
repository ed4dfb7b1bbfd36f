// CODE LW224
float a[100];
int main(void) {
#pragma omp simd
    for (int i = 0; i < 99; i++)
        a[i] = a[i + 1];
    return 0;
}
