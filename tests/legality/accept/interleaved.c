// FUNCTION: conjugate_product
// LOOP: k
// EXPECT: proved
// ASSUMES: none

void conjugate_product(int n, const double *restrict a, double *restrict b)
{
    for (int k = 0; k < n; k++) {
        const double re = a[2 * k] * b[2 * k] + a[2 * k + 1] * b[2 * k + 1];
        const double im = a[2 * k] * b[2 * k + 1] - a[2 * k + 1] * b[2 * k];
        b[2 * k] = re;
        b[2 * k + 1] = im;
    }
}
