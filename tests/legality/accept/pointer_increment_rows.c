// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved

void fill(int n, int m, float *a)
{
    for (int i = 0; i < n; i++) {
        float *restrict row = &a[i * m];
        for (int j = 0; j < m; j++)
            *(row + j) = (float)(i - j);
    }
}
