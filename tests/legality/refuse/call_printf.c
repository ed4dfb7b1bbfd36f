// WHY: the lines must be printed in order.
// FUNCTION: show
// LOOP: i
// EXPECT: undecided LW204

#include <stdio.h>

void show(int n, const double *a)
{
    for (int i = 0; i < n; i++)
        printf("%g\n", a[i]);
}
