// FUNCTION: plane
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved
// LOOP: k
// EXPECT: proved

void plane(float a[restrict 64][32][16], float b[restrict 64][32][16])
{
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 32; j++)
            for (int k = 1; k < 16; k++)
                b[i][j][k] = a[i][j][k] - a[i][j][k - 1];
}
