// WHY: the table that holds the bound is what the loop stores to.
// FUNCTION: shift
// LOOP: k
// EXPECT: undecided LW211
// LOOP: j
// EXPECT: any

static int start[101];

void shift(int n, int by)
{
    for (int j = 0; j < n; j++)
        for (int k = start[j]; k < start[j + 1]; k++)
            start[k] = start[k] - by;
}
