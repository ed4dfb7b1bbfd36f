// WHY: the block is released in one of the iterations; nothing says that it is not used in those behind it.
// FUNCTION: drop
// LOOP: i
// EXPECT: undecided LW204

#include <stdlib.h>

void drop(int n, int last, double *block)
{
    int done[64];
    for (int i = 0; i < n; i++) {
        done[i] = 1;
        if (i == last)
            free(block);
    }
}
