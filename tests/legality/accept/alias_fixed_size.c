// FUNCTION: shift
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias
// LOOP: j
// EXPECT: any

void shift(double a[64][64], double b[64][64])
{
    for (int i = 0; i < 63; i++)
        for (int j = 0; j < 64; j++)
            a[i][j] = b[i + 1][j];
}
