// VERDICT race
void filter(int n, float *restrict y, const float *restrict x, float a) {
#pragma omp simd
    for (int i = 1; i < n; i++)
        y[i] = a * y[i - 1] + (1.0f - a) * x[i];
}
