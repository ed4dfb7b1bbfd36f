// WHY: where the loop over j has an iteration, the last iteration of that over i leaves a value in k.
// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: proved
// LOOP: k
// EXPECT: proved

static double table[40][40][40];

int fill(int n, int m)
{
    int i, j, k;
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++)
            for (k = 1; k < 40; k++)
                table[i][j][k] = i + j * k;
    return j + 100 * k;
}
