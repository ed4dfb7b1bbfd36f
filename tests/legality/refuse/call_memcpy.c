// WHY: memcpy copies the element before into this one.
// FUNCTION: smear
// LOOP: i
// EXPECT: undecided LW204 or refuted LW101

#include <string.h>

void smear(int n, double *a)
{
    for (int i = 1; i < n; i++)
        memcpy(&a[i], &a[i - 1], sizeof(double));
}
