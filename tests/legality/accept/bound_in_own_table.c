// WHY: the loop stores to another declared array, so the table that holds its bound stays as it is.
// FUNCTION: shift
// LOOP: k
// EXPECT: proved
// LOOP: j
// EXPECT: undecided LW208 or undecided LW210

static int start[101], column[5000];

void shift(int n, int by)
{
    for (int j = 0; j < n; j++)
        for (int k = start[j]; k < start[j + 1]; k++)
            column[k] = by - 3 * column[k] + k;
}
