// WHY: two entries of rows may point to the same row.
// FUNCTION: fill
// LOOP: i
// EXPECT: undecided LW214
// LOOP: j
// EXPECT: any

void fill(int n, int m, double **rows)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            rows[i][j] = i + j;
}
