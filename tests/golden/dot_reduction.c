double dot(int n, const double *x, const double *y)
{
    double sum = 0.0;
    #pragma omp parallel for simd reduction(+:sum) \
            if(parallel: (x + n <= y || y + n <= x) && n > 8192) \
            if(simd: x + n <= y || y + n <= x)
    for (int i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}
