// WHY: no iteration reads memory through a pointer, and no two may release the same block.
// FUNCTION: run
// LOOP: i
// EXPECT: proved
// ASSUMES: none

#include <stdlib.h>

struct point { double *x; double *y; int id; };
struct sizes { int points; };

void run(int n)
{
    struct point points[64];
    struct sizes sizes;
    sizes.points = n;
    for (int i = 0; i < sizes.points; i++) {
        free(points[i].x);
        free(points[i].y);
        points[i].id = i;
    }
}
