// WHY: the allocator may be called from several threads, and what it returns nothing else refers to.
// FUNCTION: allocate
// LOOP: i
// EXPECT: proved
// ASSUMES: none

#include <stdlib.h>

void allocate(int n, int m, double **restrict rows)
{
    for (int i = 0; i < n; i++)
        rows[i] = (double *)malloc(sizeof(double) * m);
}
