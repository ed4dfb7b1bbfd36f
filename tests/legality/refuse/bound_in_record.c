// WHY: the record's member may lie in the table that holds the bound, as far as is looked at.
// FUNCTION: shift
// LOOP: k
// EXPECT: undecided LW211
// LOOP: j
// EXPECT: any

struct cell { int value; };
union storage { int start[101]; struct cell cells[101]; };
static union storage both;

void shift(int n, int by, struct cell *cell)
{
    for (int j = 0; j < n; j++)
        for (int k = both.start[j]; k < both.start[j + 1]; k++)
            cell[k].value = by;
}
