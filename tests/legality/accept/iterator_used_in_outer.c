// WHY: what the inner loop leaves in its iterator is used in the same outer iteration.
// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// ASSUMES: none
// LOOP: j
// EXPECT: proved
// ASSUMES: none

#define N 100
static double a[N][N], last[N];

void fill(void)
{
    int i, j;
    for (i = 0; i < N; i++) {
        for (j = 0; j < N; j++)
            a[i][j] = i * j + 0.01;
        last[i] = i * j + 0.01;
    }
}
