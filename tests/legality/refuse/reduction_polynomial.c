// WHY: two values of i add to the same coefficient of the product.
// FUNCTION: multiply
// LOOP: i
// EXPECT: refuted LW101 or refuted LW104
// VARIABLE: c
// LOOP: j
// EXPECT: proved

void multiply(int n, const double *restrict a, const double *restrict b, double *restrict c)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            c[i + j] += a[i] * b[j];
}
