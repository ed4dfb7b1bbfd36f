// WHY: in the last iteration of the loop over i, that over j does not run and leaves nothing in k.
// FUNCTION: fill
// LOOP: i
// EXPECT: undecided LW106 or refuted LW106
// LOOP: j
// EXPECT: any
// LOOP: k
// EXPECT: any

static double table[40][40][40];

int fill(int n)
{
    int i, j, k;
    for (i = 0; i < n; i++)
        for (j = i + 1; j < n; j++)
            for (k = 1; k < 40; k++)
                table[i][j][k] = i + j * k;
    return k;
}
