// WHY: whether an iteration allocates depends on what the one before it has stored.
// FUNCTION: allocate
// LOOP: i
// EXPECT: refuted LW101 or undecided LW207 or undecided LW208

#include <stdlib.h>

void allocate(int n, double **restrict rows)
{
    for (int i = 1; i < n; i++)
        rows[i] = rows[i - 1] != 0 ? malloc(8) : 0;
}
