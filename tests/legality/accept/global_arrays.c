// FUNCTION: copy
// LOOP: i
// EXPECT: proved
// ASSUMES: none
// LOOP: j
// EXPECT: proved
// ASSUMES: none

#define N 256

static double grid[N][N];
double result[N][N];

void copy(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            result[i][j] = grid[j][i];
}
