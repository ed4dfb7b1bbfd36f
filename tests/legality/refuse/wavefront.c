// WHY: each cell needs the one above and the one to its left.
// FUNCTION: align
// LOOP: i
// EXPECT: refuted LW101
// LINES: 16 -> 16
// VARIABLE: score
// LOOP: j
// EXPECT: refuted LW101
// LINES: 16 -> 16
// VARIABLE: score

void align(int n, int m, int score[n][m], const int *gain)
{
    for (int i = 1; i < n; i++)
        for (int j = 1; j < m; j++)
            score[i][j] = gain[i + j] + score[i - 1][j] + score[i][j - 1];
}
