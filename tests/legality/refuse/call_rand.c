// WHY: rand has a state that all calls share.
// FUNCTION: noise
// LOOP: i
// EXPECT: undecided LW204

#include <stdlib.h>

void noise(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = rand() / (RAND_MAX + 1.0);
}
