// FUNCTION: convert
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void convert(int n, const short *restrict a, float *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = (float)((double)a[(long)i] / 32768.0);
}
