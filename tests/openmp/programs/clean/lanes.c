// VERDICT race-free
void filter(int n, float *restrict y, const float *restrict x, float a) {
    float sum = 0.0f;
#pragma omp simd safelen(8)
    for (int i = 8; i < n; i++)
        y[i] = a * y[i - 8] + (1.0f - a) * x[i];
#pragma omp parallel for simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += y[i];
    y[0] = sum;
}
