// WHY: the rows are n apart but 2n long, so the tail of each is the head of the next.
// FUNCTION: rows
// LOOP: i
// EXPECT: refuted LW103 or undecided LW208 or undecided LW303
// LOOP: j
// EXPECT: any

void rows(int n, double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 2 * n; j++)
            a[i * n + j] = b[j] + i;
}
