// FUNCTION: average
// LOOP: i
// EXPECT: proved
// PRIVATE: w
// LOOP: k
// EXPECT: proved
// LOOP: k_2
// EXPECT: any

void average(int n, double a[restrict n][8], double *restrict b)
{
    double w[8];
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < 8; k++)
            w[k] = a[i][k] * a[i][k];
        double sum = 0.0;
        for (int k = 0; k < 8; k++)
            sum += w[k];
        b[i] = sum / 8.0;
    }
}
