// WHY: j still holds what the inner loop of the iteration before has left in it.
// FUNCTION: leftover
// LOOP: i
// EXPECT: refuted LW105 or undecided LW105 or undecided LW205
// LOOP: j
// EXPECT: any

void leftover(int n, double c[n][n], int *restrict b)
{
    int j = 0;
    for (int i = 0; i < n; i++) {
        b[i] = j;
        for (j = 0; j < i; j++)
            c[i][j] = 0.0;
    }
}
