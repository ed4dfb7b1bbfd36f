// WHY: the pointer may lead into the table that holds the bound.
// FUNCTION: shift
// LOOP: k
// EXPECT: undecided LW211
// LOOP: j
// EXPECT: any

int start[101];

void shift(int n, int by, int *column)
{
    for (int j = 0; j < n; j++)
        for (int k = start[j]; k < start[j + 1]; k++)
            column[k] = column[k] - by;
}
