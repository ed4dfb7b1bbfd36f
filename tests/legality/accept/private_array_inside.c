// FUNCTION: sort3
// LOOP: i
// EXPECT: proved
// LOOP: other
// EXPECT: any

void sort3(int n, double a[restrict n][3], double *restrict middle)
{
    for (int i = 0; i < n; i++) {
        double w[3];
        for (int k = 0; k < 3; k++)
            w[k] = a[i][k];
        const double low = w[0] < w[1] ? w[0] : w[1];
        const double high = w[0] < w[1] ? w[1] : w[0];
        middle[i] = w[2] < low ? low : (w[2] > high ? high : w[2]);
    }
}
