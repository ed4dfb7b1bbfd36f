// WHY: new memory from calloc holds zeroes, so that the loop has no iteration: there are no two instances to show.
// FUNCTION: copy
// LOOP: i
// EXPECT: undecided LW101

#include <stdlib.h>

void copy(double *a)
{
    int *bound = calloc(1, sizeof(int));
    for (int i = 1; i < *bound; i++)
        a[i] = a[i - 1];
}
